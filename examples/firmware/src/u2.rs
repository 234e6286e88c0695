//! Workload U2: training steps of 16→32 tanh→4 on single samples, with squared error and Adam.

use crate::board::{figure, take};
use crate::fnv::Fnv;
use baregrad::prelude::*;
use core::hint::black_box;
use core::slice::from_ref;
use static_cell::ConstStaticCell;

/// 676 parameters.
pub type Net = chain![Dense<16, 32, Tanh>, Dense<32, 4>];
/// Trains it.
pub type Model = Trainer<Net, MeanSquaredError, Adam, 1>;

/// RAM for training, of the 16 KB of the smallest board. It is checked when compiling.
const BUDGET: usize = if cfg!(feature = "over-budget") { 8 * 1024 } else { 9 * 1024 };
const _: () = assert!(size_of::<Model>() <= BUDGET, "the trainer takes more RAM than its budget");

/// In RAM; its first value lies in flash.
pub static MODEL: ConstStaticCell<Model> = ConstStaticCell::new(Model::untrained(MeanSquaredError, Adam::new(1e-3)));

/// What an f64 twin on the host makes of the same weights in [`STEPS`] steps.
pub const EXPECTED: &[u8; Net::COUNT * 4] = include_bytes!("../data/u2.expected");

/// Steps until the weights are compared.
pub const STEPS: usize = 100;

/// Draws the first weights.
pub fn init(model: &mut Model) {
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(7));
}

/// Samples and targets from −1 to 1: the same ones each time.
pub struct Samples(Sfc32);

impl Samples {
    /// From the first one on.
    pub fn first() -> Self {
        Samples(Sfc32::seed_from_u64(8))
    }

    /// The next numbers.
    #[inline(never)]
    pub fn draw(&mut self, into: &mut [f32]) {
        for number in into {
            *number = (self.0.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0;
            black_box(());
        }
    }
}

/// A sample and its target, in RAM.
pub static SAMPLE: ConstStaticCell<([f32; 16], [f32; 4])> = ConstStaticCell::new(([0.0; 16], [0.0; 4]));

/// Trains for [`STEPS`] steps.
pub fn train(model: &mut Model) -> Result<(), Error> {
    init(model);
    let mut samples = Samples::first();
    let (x, y) = take(&SAMPLE);
    for _ in 0..STEPS {
        samples.draw(x);
        samples.draw(y);
        model.step(from_ref(x), from_ref(y))?;
    }
    Ok(())
}

/// The weights in the order of the file.
pub fn weights(net: &Net) -> [&[f32]; 4] {
    let (first, second) = (&net.0, &net.1);
    [first.w.as_flattened(), &first.b, second.w.as_flattened(), &second.b]
}

/// The largest error; not a number is the worst.
#[inline(never)]
fn largest_error(weights: &[f32], expected: &[[u8; 4]]) -> f32 {
    let mut largest = 0.0;
    for (weight, expected) in weights.iter().zip(expected) {
        let error = (weight - f32::from_le_bytes(*expected)).abs();
        largest = if error <= largest { largest } else { error };
        black_box(());
    }
    largest
}

/// All parameters within 2e-5 of the twin's.
pub fn run() -> Result<bool, Error> {
    let model = take(&MODEL);
    train(model)?;
    let (mut right, mut hash, mut expected) = (true, Fnv::NEW, EXPECTED.as_chunks().0);
    for weights in weights(&model.net) {
        let error = largest_error(weights, expected);
        say!("{} parameters after {STEPS} steps, at most {error:e} from those of an f64 twin", weights.len());
        right &= error <= 2e-5;
        hash = hash.with(weights);
        expected = expected.get(weights.len()..).unwrap_or_default();
    }
    figure("weights", hash.0);
    figure("ram", size_of::<Model>() as u32);
    Ok(right)
}
