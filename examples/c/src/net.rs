//! The net, and how it learns. Change this file, and nothing else, for another net.

use baregrad::prelude::*;

/// 16 numbers to 4.
pub type Net = chain![Dense<16, 32, Tanh>, Dense<32, 4>];

/// The largest number of samples per step.
pub const BATCH: usize = 1;

/// Trains the net. Its loss takes targets of the shape of the outputs, as all but the sparse ones do.
pub type Model = Trainer<Net, MeanSquaredError, Adam, BATCH>;

/// Begins a training.
pub fn begin(model: &mut Model, seed: u64) {
    model.set_up(MeanSquaredError, Adam::new(0.01));
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed));
}
