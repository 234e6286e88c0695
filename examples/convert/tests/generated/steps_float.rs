//! Made by baregrad-convert from "steps_float.tflite": make it again instead of changing it.

use baregrad::prelude::*;

type Input = Sequence<6, 5>;
type Map1 = Sequence<6, 4>;

/// 30 numbers to 3.
pub type Net = chain![
    Lstm<Input, Map1>,
    Flatten<24>,
    Dense<24, 3, Softmax>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = baregrad::include_model!(Net, "steps_float.bgrd");
