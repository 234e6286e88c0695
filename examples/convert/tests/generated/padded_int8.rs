//! Made by baregrad-convert from "padded_int8.tflite": make it again instead of changing it.

#[rustfmt::skip]
use baregrad::int8::{Activation, Conv2d, Dense, DepthwiseConv2d, GlobalAveragePool, Image, MaxPool, Numbers, Padded, Quantization, Softmax};
use baregrad::{Chain, chain};

type Input = Image<14, 12, 3>;
type Map2 = Image<7, 6, 8>;
type Map4 = Image<4, 3, 8>;
type Map6 = Image<2, 2, 8>;
type Map7 = Image<2, 2, 6>;

/// Weights, biases and scales.
const NUMBERS: Numbers = Numbers(include_bytes!("padded_int8.bin"));

const X0: Quantization = Quantization { scale: 0.03226922, zero_point: -13 };
const X1: Quantization = Quantization { scale: 0.091973744, zero_point: -128 };
const X2: Quantization = Quantization { scale: 0.105015546, zero_point: -128 };
const X3: Quantization = Quantization { scale: 0.023529412, zero_point: -128 };
const X4: Quantization = Quantization { scale: 0.009897231, zero_point: -128 };
const X5: Quantization = Quantization { scale: 0.01582615, zero_point: -7 };

/// 504 numbers to 4.
#[rustfmt::skip]
pub type Net = chain![
    Conv2d<Input, Map2, 7, 7, 2, 1, Padded<3, 3>>,
    MaxPool<Map2, Map4, 3, 3, 2, Padded<1, 1>>,
    DepthwiseConv2d<Map4, Map6, 3, 3, 2, Padded<1, 1>>,
    Conv2d<Map6, Map7, 1, 1>,
    GlobalAveragePool<Map7>,
    Dense<6, 4>,
    Softmax<4>,
];

/// With its numbers, in flash.
#[allow(long_running_const_eval)]
#[rustfmt::skip]
pub static NET: Net = Chain(
    Conv2d::new(NUMBERS.bytes(0, 1176), &NUMBERS.i32(1176), &NUMBERS.f32(1208), X0, X1, Activation::Relu), Chain(
    MaxPool::new(X1, Activation::None), Chain(
    DepthwiseConv2d::new(NUMBERS.bytes(1240, 72), &NUMBERS.i32(1312), &NUMBERS.f32(1344), X1, X2, Activation::Relu), Chain(
    Conv2d::new(NUMBERS.bytes(1376, 48), &NUMBERS.i32(1424), &NUMBERS.f32(1448), X2, X3, Activation::Relu6), Chain(
    GlobalAveragePool::new(X3, X4), Chain(
    Dense::new(NUMBERS.bytes(1472, 24), &NUMBERS.i32(1496), &NUMBERS.f32(1512), X4, X5, Activation::None),
    Softmax::new(X5)))))));

/// Of each operator of the net, which one of the file it is, and the bytes of each number that it gives.
/// `usize::MAX` is none.
#[rustfmt::skip]
pub static OPERATORS: [(usize, usize); 7] = [(1, 1), (3, 1), (5, 1), (6, 1), (7, 1), (8, 1), (9, 1)];
