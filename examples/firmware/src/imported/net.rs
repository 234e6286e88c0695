//! Made by baregrad-convert from "digits.keras": make it again instead of changing it.

use baregrad::prelude::*;

/// 64 numbers to 10.
pub type Net = chain![
    Dense<64, 32, Relu>,
    Dropout<20>,
    Dense<32, 10, Softmax>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = baregrad::include_model!(Net, "../../data/imported.bgrd");

/// A sample to try it with.
pub static SAMPLE: [f32; 64] = [
    0.0, 0.0, 0.3125, 0.8125, 0.5625, 0.0625, 0.0, 0.0, 0.0, 0.0,
    0.8125, 0.9375, 0.625, 0.9375, 0.3125, 0.0, 0.0, 0.1875, 0.9375, 0.125,
    0.0, 0.6875, 0.5, 0.0, 0.0, 0.25, 0.75, 0.0, 0.0, 0.5,
    0.5, 0.0, 0.0, 0.3125, 0.5, 0.0, 0.0, 0.5625, 0.5, 0.0,
    0.0, 0.25, 0.6875, 0.0, 0.0625, 0.75, 0.4375, 0.0, 0.0, 0.125,
    0.875, 0.3125, 0.625, 0.75, 0.0, 0.0, 0.0, 0.0, 0.375, 0.8125,
    0.625, 0.0, 0.0, 0.0,
];
