//! Bits of every activation function and of training runs, to be the same everywhere with the feature `strict`.

#[path = "../../../tests/common/catalogue/activations.rs"]
mod catalogue;

use crate::board::{figure, take};
use crate::{fnv::Fnv, u2};
use baregrad::activations::Activation;
use baregrad::prelude::*;
use catalogue::ActivationVisitor;
use static_cell::ConstStaticCell;

/// Layers that draw random numbers, normalise, and keep their inputs; batches, the last of which is smaller.
type Mixed = chain![Dense<6, 8, Gelu>, LayerNorm<8>, Dropout<25>, Dense<8, 5, Silu>, Dense<5, 3>];
type Model = Trainer<Mixed, SparseCategoricalCrossEntropy<Logits>, Momentum, 4>;

static MIXED: ConstStaticCell<Model> =
    ConstStaticCell::new(Model::untrained(SparseCategoricalCrossEntropy::new(), Momentum::new(0.05, 0.9)));

/// 10,000 inputs: numbers from −12 to 12, and bits of every kind, with infinities, subnormals and NaN among them.
struct Activations;

impl ActivationVisitor for Activations {
    fn visit<A: Activation>(&mut self, stem: &'static str) {
        let mut rng = Sfc32::seed_from_u64(3);
        let mut sum = Fnv::NEW;
        for turn in 0..625 {
            let x = [[(); 16].map(|()| match (rng.next_u32(), turn % 5) {
                (bits, 0) => f32::from_bits(bits),
                (bits, _) => (bits >> 8) as f32 * (24.0 / 16_777_216.0) - 12.0,
            })];
            let mut y = [[0.0; 16]];
            let layer: Activate<A> = Params::NEW;
            baregrad::net::Layer::infer(&layer, &x, &mut y, &mut []);
            sum = sum.with(y.as_flattened());
        }
        say!("{stem:14} {:08x}", sum.0);
        figure(stem, sum.0);
    }
}

/// 100 steps of U2, and 100 of a net of other layers, five an epoch.
fn training() -> Result<(), Error> {
    let model = u2::start();
    u2::train(model)?;
    let (first, second) = (&model.net.0, &model.net.1);
    figure("u2", Fnv::NEW.with(first.w.as_flattened()).with(&first.b).with(second.w.as_flattened()).with(&second.b).0);

    let model = take(&MIXED);
    let mut rng = Sfc32::seed_from_u64(4);
    model.init(&HeNormal, &mut rng);
    let x = [(); 19].map(|()| [(); 6].map(|()| (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0));
    let y = x.map(|x| {
        if x[0] > x[1] {
            0_u8
        } else if x[2] > x[3] {
            1
        } else {
            2
        }
    });
    let epoch = model.fit(&x, &y, &Fit { epochs: 20, batch_size: 4, shuffle: true })?;
    let Chain(first, Chain(norm, Chain(_, Chain(second, third)))) = &model.net;
    let sum = Fnv::NEW.with(first.w.as_flattened()).with(&first.b).with(&norm.gamma).with(&norm.beta);
    let sum = sum
        .with(second.w.as_flattened())
        .with(&second.b)
        .with(third.w.as_flattened())
        .with(&third.b)
        .with(&[epoch.loss]);
    figure("mixed", sum.0);
    Ok(())
}

/// The figures are for the report to compare.
pub fn run() -> Result<bool, Error> {
    catalogue::for_each_activation(&mut Activations);
    training()?;
    Ok(true)
}
