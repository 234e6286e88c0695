//! Trains a net on digits and writes its checkpoint to the standard output: the wheel must give the same bytes.

use baregrad::{file, file::Saved, prelude::*};
use std::error::Error;
use std::io::Write;

type Net = chain![Dense<64, 32, Relu>, Dense<32, 10>];
// The wheel has room for 64 samples, this trainer for no more than the batch.
type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 32>;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for line in include_str!("../../data/digits.csv").lines() {
        let numbers = line.split(',').map(str::parse).collect::<Result<Vec<u16>, _>>()?;
        let (digit, pixels) = numbers.split_last().ok_or("an empty line")?;
        x.push(<[u16; 64]>::try_from(pixels)?.map(|pixel| f32::from(pixel) / 16.0));
        y.push(*digit);
    }
    let mut model = Model::new(&mut Sfc32::seed_from_u64(7));
    model.optimizer.learning_rate = 0.01;
    model.fit(&x, &y, &Fit { epochs: 5, batch_size: 32, ..Fit::default() })?;
    let mut checkpoint = [0; Model::FILE_LEN];
    file::encode(&model, &mut checkpoint)?;
    Ok(std::io::stdout().write_all(&checkpoint)?)
}
