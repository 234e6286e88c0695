//! Made by baregrad-convert from "windows_int8.tflite": make it again instead of changing it.

#[rustfmt::skip]
use baregrad::int8::{Activation, AveragePool, ColumnStride, Conv2d, Dense, DepthwiseConv2d, Dilated, GlobalAveragePool, Image, MaxPool, Numbers, Pad, Quantization, Reshape};
use baregrad::{Chain, chain};

type Input = Image<12, 11, 2>;
type Map1 = Image<12, 11, 4>;
type Map2 = Image<12, 11, 8>;
type Map3 = Image<6, 11, 6>;
type Map4 = Image<2, 7, 6>;
type Map5 = Image<1, 3, 6>;
type Map6 = Image<4, 5, 6>;
type Map7 = Image<2, 2, 6>;
type Map8 = Image<1, 1, 6>;
type Map9 = Image<1, 1, 4>;

/// Weights, biases and scales.
const NUMBERS: Numbers = Numbers(include_bytes!("windows_int8.bin"));

const X0: Quantization = Quantization { scale: 0.029450294, zero_point: -3 };
const X1: Quantization = Quantization { scale: 0.035005216, zero_point: -128 };
const X2: Quantization = Quantization { scale: 0.081207365, zero_point: -20 };
const X3: Quantization = Quantization { scale: 0.22960292, zero_point: 9 };
const X4: Quantization = Quantization { scale: 0.023529412, zero_point: -128 };
const X5: Quantization = Quantization { scale: 0.004411765, zero_point: -128 };
const X6: Quantization = Quantization { scale: 0.024269849, zero_point: 8 };
const X7: Quantization = Quantization { scale: 0.010462949, zero_point: -50 };

/// 264 numbers to 3.
#[rustfmt::skip]
pub type Net = chain![
    Conv2d<Input, Map1, 3, 3, 1, 1, Dilated<2, 2>>,
    DepthwiseConv2d<Map1, Map2, 3, 3>,
    Conv2d<Map2, Map3, 3, 3, 2, 1, ColumnStride<1>>,
    DepthwiseConv2d<Map3, Map4, 3, 3, 1, Dilated<2, 2>>,
    MaxPool<Map4, Map5, 2, 2, 2>,
    Pad<Map5, Map6, 3, 1>,
    AveragePool<Map6, Map7, 2, 2, 2>,
    GlobalAveragePool<Map7>,
    Reshape<[u8; 6], Map8>,
    Conv2d<Map8, Map9, 1, 1>,
    Reshape<Map9, [u8; 4]>,
    Dense<4, 3>,
];

/// With its numbers, in flash.
#[allow(long_running_const_eval)]
#[rustfmt::skip]
pub static NET: Net = Chain(
    Conv2d::new(NUMBERS.bytes(0, 72), &NUMBERS.i32(72), &NUMBERS.f32(88), X0, X1, Activation::Relu), Chain(
    DepthwiseConv2d::new(NUMBERS.bytes(104, 72), &NUMBERS.i32(176), &NUMBERS.f32(208), X1, X2, Activation::None), Chain(
    Conv2d::new(NUMBERS.bytes(240, 432), &NUMBERS.i32(672), &NUMBERS.f32(696), X2, X3, Activation::None), Chain(
    DepthwiseConv2d::new(NUMBERS.bytes(720, 54), &NUMBERS.i32(774), &NUMBERS.f32(798), X3, X4, Activation::Relu6), Chain(
    MaxPool::new(X4, Activation::None), Chain(
    Pad::new(X4), Chain(
    AveragePool::new(X4, Activation::None), Chain(
    GlobalAveragePool::new(X4, X5), Chain(
    Reshape::new(X5), Chain(
    Conv2d::new(NUMBERS.bytes(822, 24), &NUMBERS.i32(846), &NUMBERS.f32(862), X5, X6, Activation::None), Chain(
    Reshape::new(X6),
    Dense::new(NUMBERS.bytes(878, 12), &NUMBERS.i32(890), &NUMBERS.f32(902), X6, X7, Activation::None))))))))))));

/// Of each operator of the net, which one of the file it is, and the bytes of each number that it gives.
/// `usize::MAX` is none.
#[rustfmt::skip]
pub static OPERATORS: [(usize, usize); 12] = [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (usize::MAX, 1), (8, 1), (usize::MAX, 1), (9, 1)];
