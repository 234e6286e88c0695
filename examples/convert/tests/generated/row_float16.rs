//! Made by baregrad-convert from "row_float16.tflite": make it again instead of changing it.

use baregrad::prelude::*;

/// 12 numbers to 3.
pub type Net = chain![
    Dense<12, 8, Relu>,
    Dense<8, 3>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = baregrad::include_model!(Net, "row_float16.bgrd");
