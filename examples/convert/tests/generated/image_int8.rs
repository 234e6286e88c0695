//! Made by baregrad-convert from "image_int8.tflite": make it again instead of changing it.

#[rustfmt::skip]
use baregrad::int8::{Activation, Addition, AveragePool, Conv2d, Dense, DepthwiseConv2d, Image, Numbers, Quantization, Reshape, Residual, Softmax, Sum};
use baregrad::{Chain, chain};

type Input = Image<9, 8, 1>;
type Map1 = Image<5, 4, 4>;
type Map2 = Image<5, 4, 6>;
type Map3 = Image<3, 2, 5>;
type Map4 = Image<2, 1, 5>;

/// Weights, biases and scales.
const NUMBERS: Numbers = Numbers(include_bytes!("image_int8.bin"));

const X0: Quantization = Quantization { scale: 0.02978972, zero_point: -4 };
const X1: Quantization = Quantization { scale: 0.023529412, zero_point: -128 };
const X2: Quantization = Quantization { scale: 0.012063167, zero_point: -128 };
const X3: Quantization = Quantization { scale: 0.01293329, zero_point: -128 };
const X4: Quantization = Quantization { scale: 0.006744646, zero_point: -128 };
const X5: Quantization = Quantization { scale: 0.027151868, zero_point: -39 };
const X6: Quantization = Quantization { scale: 0.017627342, zero_point: -128 };
const X7: Quantization = Quantization { scale: 0.047246654, zero_point: -15 };
const X8: Quantization = Quantization { scale: 0.028537618, zero_point: -128 };
const X9: Quantization = Quantization { scale: 0.044771742, zero_point: 41 };
const X10: Quantization = Quantization { scale: 0.026296541, zero_point: -128 };
const X11: Quantization = Quantization { scale: 0.020765627, zero_point: 8 };

/// 72 numbers to 5.
#[rustfmt::skip]
pub type Net = chain![
    Conv2d<Input, Map1, 3, 3, 2>,
    Conv2d<Map1, Map1, 1, 1>,
    DepthwiseConv2d<Map1, Map1, 3, 2>,
    Residual<chain![Conv2d<Map1, Map2, 1, 1>, Conv2d<Map2, Map1, 3, 1>]>,
    Sum<chain![Conv2d<Map1, Map3, 3, 3, 2>, Conv2d<Map3, Map3, 2, 2>], Conv2d<Map1, Map3, 1, 1, 2>>,
    AveragePool<Map3, Map4, 2, 2, 2>,
    Reshape<Map4, [u8; 10]>,
    Dense<10, 5>,
    Softmax<5>,
];

/// With its numbers, in flash.
#[allow(long_running_const_eval)]
#[rustfmt::skip]
pub static NET: Net = Chain(
    Conv2d::new(NUMBERS.bytes(0, 36), &NUMBERS.i32(36), &NUMBERS.f32(52), X0, X1, Activation::Relu6), Chain(
    Conv2d::new(NUMBERS.bytes(68, 16), &NUMBERS.i32(84), &NUMBERS.f32(100), X1, X2, Activation::Relu), Chain(
    DepthwiseConv2d::new(NUMBERS.bytes(116, 24), &NUMBERS.i32(140), &NUMBERS.f32(156), X2, X3, Activation::Relu6), Chain(
    Residual { layers: Chain(Conv2d::new(NUMBERS.bytes(172, 24), &NUMBERS.i32(196), &NUMBERS.f32(220), X3, X4, Activation::Relu), Conv2d::new(NUMBERS.bytes(244, 72), &NUMBERS.i32(316), &NUMBERS.f32(332), X4, X5, Activation::None)), addition: Addition::new(X3, X5, X6, Activation::Relu) }, Chain(
    Sum { layers: Chain(Conv2d::new(NUMBERS.bytes(408, 180), &NUMBERS.i32(588), &NUMBERS.f32(608), X6, X8, Activation::Relu), Conv2d::new(NUMBERS.bytes(628, 100), &NUMBERS.i32(728), &NUMBERS.f32(748), X8, X9, Activation::None)), shortcut: Conv2d::new(NUMBERS.bytes(348, 20), &NUMBERS.i32(368), &NUMBERS.f32(388), X6, X7, Activation::None), addition: Addition::new(X7, X9, X10, Activation::Relu) }, Chain(
    AveragePool::new(X10, Activation::None), Chain(
    Reshape::new(X10), Chain(
    Dense::new(NUMBERS.bytes(768, 50), &NUMBERS.i32(818), &NUMBERS.f32(838), X10, X11, Activation::None),
    Softmax::new(X11)))))))));

/// Of each operator of the net, which one of the file it is, and the bytes of each number that it gives.
/// `usize::MAX` is none.
#[rustfmt::skip]
pub static OPERATORS: [(usize, usize); 14] = [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1), (9, 1), (10, 1), (11, 1), (12, 1), (13, 1)];
