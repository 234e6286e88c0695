//! Made by baregrad-convert from "padded_float.tflite": make it again instead of changing it.

use baregrad::prelude::*;

type Input = Image<14, 12, 3>;
type Map1 = Image<20, 18, 3>;
type Map2 = Image<7, 6, 8>;
type Map3 = Image<9, 8, 8>;
type Map4 = Image<4, 3, 8>;
type Map5 = Image<6, 5, 8>;
type Map6 = Image<2, 2, 8>;
type Map7 = Image<2, 2, 6>;

/// 504 numbers to 4.
pub type Net = chain![
    ZeroPadding2d<Input, Map1, 3, 3>,
    Conv2d<Map1, Map2, 7, 7, 2, Relu>,
    ZeroPadding2d<Map2, Map3, 1, 1>,
    MaxPool2d<Map3, Map4, 3, 3, 2, 2>,
    ZeroPadding2d<Map4, Map5, 1, 1>,
    DepthwiseConv2d<Map5, Map6, 3, 3, 2, Relu>,
    Conv2d<Map6, Map7, 1, 1, 1, Relu6>,
    GlobalAveragePool,
    Dense<6, 4, Softmax>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = baregrad::include_model!(Net, "padded_float.bgrd");
