//! Made by baregrad-convert from "places.onnx": make it again instead of changing it.

use baregrad::prelude::*;

type Input = Image<5, 4, 2>;
type Map1 = Image<8, 6, 2>;
type Map2 = Image<4, 3, 3>;
type Map3 = Image<2, 3, 3>;
type Map4 = Image<4, 6, 3>;
type Map5 = Image<3, 4, 3>;
type Map6 = Image<3, 6, 1>;
type Map7 = Sequence<9, 2>;
type Map8 = Sequence<9, 3>;
type Map9 = Sequence<5, 2>;
type Map10 = Sequence<3, 2>;

/// 40 numbers to 2.
pub type Net = chain![
    ZeroPadding2d<Input, Map1, 2, 1>,
    Conv2d<Map1, Map2, 3, 2, 2, Silu>,
    Sum<chain![DepthwiseConv2d<Map2, Map2, 3, 3>, BatchNorm<3, Relu>, Residual<chain![Conv2d<Map2, Map2, 1, 1>, BatchNorm<3>]>], BatchNorm<3>>,
    SpatialDropout<10>,
    MaxPool2d<Map2, Map3, 2, 2, 2, 1>,
    UpSampling2d<Map3, Map4>,
    Cropping2d<Map4, Map5, 0, 1>,
    AveragePool2d<Map5, Map3, 2, 2, 1, 1>,
    Conv2dTranspose<Map3, Map6, 2, 3, 2, Relu6>,
    Reshape<Map7>,
    Conv1dTranspose<Map7, Map7, 3, 1, Linear, 2>,
    CausalConv1d<Map7, Map8, 3, 1, Linear, 2>,
    BatchNorm<3>,
    Conv1d<Map8, Map9, 3, 2, Tanh>,
    DepthwiseConv1d<Map9, Map10, 3>,
    CausalDepthwiseConv1d<Map10, Map10, 2>,
    Activate<Relu>,
    Concat<GlobalMaxPool, GlobalAveragePool, 4>,
    LayerNorm<4>,
    Dense<4, 2>,
];

/// With its weights, in flash.
#[allow(long_running_const_eval)]
pub static NET: Net = {
    let mut net = baregrad::include_model!(Net, "places.bgrd");
    net.1.1.0.a.1.0.epsilon = 1e-5;
    net.1.1.0.a.1.1.0.1.epsilon = 0.0001;
    net.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.0.epsilon = 1e-6;
    net
};

/// A sample to try it with.
pub static SAMPLE: Input = [
    [
        [0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0],
    ],
    [
        [8.0, 9.0], [10.0, 11.0], [12.0, 13.0], [14.0, 15.0],
    ],
    [
        [16.0, 17.0], [18.0, 19.0], [20.0, 21.0], [22.0, 23.0],
    ],
    [
        [24.0, 25.0], [26.0, 27.0], [28.0, 29.0], [30.0, 31.0],
    ],
    [
        [32.0, 33.0], [34.0, 35.0], [36.0, 37.0], [38.0, 39.0],
    ],
];
