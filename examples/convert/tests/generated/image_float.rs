//! Made by baregrad-convert from "image_float.tflite": make it again instead of changing it.

use baregrad::prelude::*;

type Input = Image<9, 8, 1>;
type Map1 = Image<5, 4, 1>;
type Map2 = Image<5, 4, 4>;
type Map3 = Image<5, 4, 6>;
type Map4 = Image<3, 2, 5>;
type Map5 = Image<2, 1, 5>;

/// 72 numbers to 5.
pub type Net = chain![
    Conv2d<Input, Map1, 3, 3, 2, Relu>,
    Conv2d<Map1, Map2, 1, 1, 1, Relu>,
    DepthwiseConv2d<Map2, Map2, 3, 2, 1, Relu>,
    Residual<chain![Conv2d<Map2, Map3, 1, 1, 1, Relu>, Conv2d<Map3, Map2, 3, 1>]>,
    Activate<Relu>,
    Sum<Conv2d<Map2, Map4, 1, 1, 2>, chain![Conv2d<Map2, Map4, 3, 3, 2, Relu>, Conv2d<Map4, Map4, 2, 2>]>,
    Activate<Relu>,
    AveragePool2d<Map4, Map5, 2, 2>,
    Flatten<10>,
    Dense<10, 5, Softmax>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = baregrad::include_model!(Net, "image_float.bgrd");
