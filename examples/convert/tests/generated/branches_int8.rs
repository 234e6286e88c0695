//! Made by baregrad-convert from "branches_int8.tflite": make it again instead of changing it.

#[rustfmt::skip]
use baregrad::int8::{Activation, Concat, Conv2d, Dense, Image, MaxPool, Numbers, Quantization, Reshape, Sigmoid, Tanh};
use baregrad::{Chain, chain};

type Input = Image<6, 4, 2>;
type Map1 = Image<6, 4, 4>;
type Map2 = Image<3, 2, 4>;
type Map3 = Image<3, 2, 3>;
type Map4 = Image<3, 2, 2>;
type Map5 = Image<3, 2, 5>;

/// Weights, biases and scales.
const NUMBERS: Numbers = Numbers(include_bytes!("branches_int8.bin"));

const X0: Quantization = Quantization { scale: 0.02679856, zero_point: 1 };
const X1: Quantization = Quantization { scale: 0.03774128, zero_point: -128 };
const X2: Quantization = Quantization { scale: 0.09360491, zero_point: 10 };
const X3: Quantization = Quantization { scale: 0.18915798, zero_point: -4 };
const X4: Quantization = Quantization { scale: 0.0078125, zero_point: 0 };
const X5: Quantization = Quantization { scale: 0.026940119, zero_point: -23 };

/// 48 numbers to 3.
#[rustfmt::skip]
pub type Net = chain![
    Conv2d<Input, Map1, 3, 3>,
    MaxPool<Map1, Map2, 2, 2, 2>,
    Concat<Conv2d<Map2, Map3, 3, 1>, Conv2d<Map2, Map4, 1, 1>, 5>,
    Reshape<Map5, [u8; 30]>,
    Dense<30, 8>,
    Tanh<[u8; 8]>,
    Dense<8, 3>,
    Sigmoid<[u8; 3]>,
];

/// With its numbers, in flash.
#[allow(long_running_const_eval)]
#[rustfmt::skip]
pub static NET: Net = Chain(
    Conv2d::new(NUMBERS.bytes(0, 72), &NUMBERS.i32(72), &NUMBERS.f32(88), X0, X1, Activation::Relu), Chain(
    MaxPool::new(X1, Activation::None), Chain(
    Concat { first: Conv2d::new(NUMBERS.bytes(104, 36), &NUMBERS.i32(140), &NUMBERS.f32(152), X1, X2, Activation::None), second: Conv2d::new(NUMBERS.bytes(164, 8), &NUMBERS.i32(172), &NUMBERS.f32(180), X1, X2, Activation::None) }, Chain(
    Reshape::new(X2), Chain(
    Dense::new(NUMBERS.bytes(188, 240), &NUMBERS.i32(428), &NUMBERS.f32(460), X2, X3, Activation::None), Chain(
    Tanh::new(X3), Chain(
    Dense::new(NUMBERS.bytes(492, 24), &NUMBERS.i32(516), &NUMBERS.f32(528), X4, X5, Activation::None),
    Sigmoid::new(X5))))))));

/// Of each operator of the net, which one of the file it is, and the bytes of each number that it gives.
/// `usize::MAX` is none.
#[rustfmt::skip]
pub static OPERATORS: [(usize, usize); 10] = [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1), (9, 1)];
