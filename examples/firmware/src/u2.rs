//! Workload U2: training steps of 16→32 tanh→4 on single samples, with squared error and Adam.

use crate::board::{figure, take};
use crate::fnv::Fnv;
use crate::weights::{dense, floats};
use baregrad::{Chain, prelude::*};
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

/// The first weights, which the host has drawn.
const FIRST: &[u8; Net::COUNT * 4] = include_bytes!("../data/u2.first");

/// The net that training starts from, in flash.
pub static START: Net = Chain(dense(FIRST, 0), dense(FIRST, 16 * 32 + 32));

/// All zeros: it lies in `.bss`, and takes no flash.
static MODEL: ConstStaticCell<Model> = ConstStaticCell::new(Model::ZERO);

/// The trainer, with the first weights.
pub fn start() -> &'static mut Model {
    let model = take(&MODEL);
    model.set_up(MeanSquaredError, Adam::new(1e-3));
    (model.net.0.w, model.net.0.b) = (START.0.w, START.0.b);
    (model.net.1.w, model.net.1.b) = (START.1.w, START.1.b);
    model
}

/// Samples and targets, which the host has drawn, too.
pub static SAMPLES: [([f32; 16], [f32; 4]); 10] = {
    const FILE: &[u8; 10 * 20 * 4] = include_bytes!("../data/u2.samples");
    let mut samples = [([0.0; 16], [0.0; 4]); 10];
    let mut i = 0;
    while i < samples.len() {
        samples[i] = (floats(FILE, 20 * i), floats(FILE, 20 * i + 16));
        i += 1;
    }
    samples
};

/// What an f64 twin on the host makes of the same weights in 100 steps.
pub const EXPECTED: &[u8; Net::COUNT * 4] = include_bytes!("../data/u2.expected");

/// Steps until the weights are compared, one a sample: ten epochs.
pub const STEPS: usize = 100;

/// Trains for [`STEPS`] steps.
pub fn train(model: &mut Model) -> Result<(), Error> {
    for (x, y) in SAMPLES.iter().cycle().take(STEPS) {
        model.step(from_ref(x), from_ref(y))?;
    }
    Ok(())
}

/// The weights in the order of the file.
pub fn weights(net: &Net) -> [&[f32]; 4] {
    let (first, second) = (&net.0, &net.1);
    [first.w.as_flattened(), &first.b, second.w.as_flattened(), &second.b]
}

/// Weights beside those of the twin.
struct Comparison {
    /// Those to come.
    expected: &'static [[u8; 4]],
    /// The largest error; not a number is the worst.
    error: f32,
    hash: Fnv,
}

impl Comparison {
    #[inline(never)]
    fn add(&mut self, weights: &[f32]) {
        let (expected, rest) = self.expected.split_at_checked(weights.len()).unwrap_or_default();
        for (weight, expected) in weights.iter().zip(expected) {
            let error = (weight - f32::from_le_bytes(*expected)).abs();
            self.error = if error <= self.error { self.error } else { error };
            black_box(());
        }
        self.expected = rest;
        self.hash = self.hash.with(weights);
    }
}

/// All parameters within 2e-5 of the twin's.
pub fn run() -> Result<bool, Error> {
    let model = start();
    train(model)?;
    let mut comparison = Comparison { expected: EXPECTED.as_chunks().0, error: 0.0, hash: Fnv::NEW };
    weights(&model.net).into_iter().for_each(|weights| comparison.add(weights));
    say!("{} parameters after {STEPS} steps, at most {:e} from those of an f64 twin", Net::COUNT, comparison.error);
    figure("weights", comparison.hash.0);
    figure("ram", size_of::<Model>() as u32);
    Ok(comparison.error <= 2e-5)
}
