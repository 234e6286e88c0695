//! Learns exclusive or from random weights.

use crate::board::{figure, take};
use crate::fnv::Fnv;
use baregrad::prelude::*;
use static_cell::ConstStaticCell;

type Net = chain![Dense<2, 8, Tanh>, Dense<8, 1, Sigmoid>];
type Model = Trainer<Net, BinaryCrossEntropy, Adam, 4>;
const _: () = assert!(size_of::<Model>() <= 1024);

const X: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
const Y: [[f32; 1]; 4] = [[0.0], [1.0], [1.0], [0.0]];

static MODEL: ConstStaticCell<Model> =
    ConstStaticCell::new(Model::untrained(BinaryCrossEntropy::new(), Adam::new(0.05)));

/// All four right.
pub fn run() -> Result<bool, Error> {
    let model = take(&MODEL);
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    let epoch = model.fit(&X, &Y, &Fit { epochs: 200, batch_size: 4, shuffle: true })?;
    say!("loss {:.4} after {} epochs of training on the device", epoch.loss, epoch.number + 1);

    let mut right = 0;
    for (x, y) in X.iter().zip(&Y) {
        let mut p = [0.0];
        model.net.infer_one(x, &mut p, &mut [0.0; Net::SCRATCH]);
        say!("{} xor {} = {:.3}", x[0], x[1], p[0]);
        right += u32::from((p[0] > 0.5) == (y[0] > 0.5));
    }
    figure("right", right);
    let (first, second) = (&model.net.0, &model.net.1);
    figure(
        "weights",
        Fnv::NEW.with(first.w.as_flattened()).with(&first.b).with(second.w.as_flattened()).with(&second.b).0,
    );
    Ok(right == 4)
}
