//! Made by baregrad-convert from "branches_float.tflite": make it again instead of changing it.

use baregrad::prelude::*;

type Input = Image<6, 4, 2>;
type Map1 = Image<6, 4, 4>;
type Map2 = Image<3, 2, 4>;
type Map3 = Image<3, 2, 3>;
type Map4 = Image<3, 2, 2>;
type Map5 = Image<3, 2, 5>;

/// 48 numbers to 3.
pub type Net = chain![
    Conv2d<Input, Map1, 3, 3, 1, Relu>,
    MaxPool2d<Map1, Map2, 2, 2>,
    Concat<Conv2d<Map2, Map3, 3, 1>, Conv2d<Map2, Map4, 1, 1>, 5>,
    Flatten<30>,
    Dense<30, 8, Tanh>,
    Dense<8, 3, Sigmoid>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = baregrad::include_model!(Net, "branches_float.bgrd");
