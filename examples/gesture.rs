//! Which exercise does the wearer of a smart watch do? Five seconds of acceleration and rotation go through two convolutions.
//! The test set is of wearers whom the net has never seen. Draws `gesture.svg`.
//! Seeds 1 to 5 recognise 82.2 to 84.4 % of their windows (median 84.1).
//!
//! ```text
//! cargo run --release --example gesture        # or another seed: … gesture 2
//! ```

mod data;
mod history;
mod plot;

use baregrad::prelude::*;
use data::watch::{self, EXERCISES, Window};
use std::time::Instant;

type Net = chain![
    Conv1d<Window, Sequence<32, 24>, 7, 2, Relu>,
    SpatialDropout<20>,
    Conv1d<Sequence<32, 24>, Sequence<16, 32>, 5, 2, Relu>,
    GlobalMaxPool,
    Dropout<30>,
    Dense<32, 7>
];
type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 32>;

const EPOCHS: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sets = watch::load()?;
    let [train, test] = &sets;
    let seed = std::env::args().nth(1).map_or(Ok(1), |seed| seed.parse())?;
    let mut model = Model::new(&mut Sfc32::seed_from_u64(seed));
    println!("{}", model.summary());
    println!("{} windows to train on, {} of other wearers for the test", train.x.len(), test.x.len());

    let start = Instant::now();
    let (records, confusions) =
        history::fit(&mut model, &sets, EPOCHS, |epoch, record| println!("epoch {epoch:2}: {record}"))?;
    let time = start.elapsed();

    for (class, name) in EXERCISES.into_iter().enumerate() {
        println!("{name:>18}: precision {:.3}, recall {:.3}", confusions.precision(class), confusions.recall(class));
    }
    let percent = 100.0 * confusions.accuracy();
    println!("test accuracy {percent:.1} %, {EPOCHS} epochs in {time:.1?}");

    let title = format!("Exercises of unseen wearers: {percent:.1} % recognised");
    let subtitle = format!("64 frames of 6 axes, two convolutions, {} parameters, {EPOCHS} epochs", Net::TRAINABLE);
    plot::classifier("gesture.svg", &title, &subtitle, &records, EXERCISES, &confusions.counts)?;
    println!("curves and confusions are in gesture.svg");
    Ok(())
}
