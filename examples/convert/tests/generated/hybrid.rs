//! Made by baregrad-convert from "hybrid.tflite": make it again instead of changing it.

use baregrad::int8::Rounded;
use baregrad::prelude::*;

type Input = Image<6, 5, 3>;
type Map1 = Image<3, 3, 40>;
type Map2 = Image<3, 3, 32>;

/// 90 numbers to 4.
pub type Net = chain![
    ZeroPadding2d<Input, Input, 0, 0>,
    Rounded<Conv2d<Input, Map1, 3, 3, 2>, 1012258092>,
    DepthwiseConv2d<Map1, Map1, 1, 1, 1, Relu>,
    Rounded<Conv2d<Map1, Map2, 1, 1>, 1013166637>,
    DepthwiseConv2d<Map2, Map2, 1, 1>,
    GlobalAveragePool,
    Dense<32, 4>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = baregrad::include_model!(Net, "hybrid.bgrd");
