//! Made by baregrad-convert from "sequence_int8.tflite": make it again instead of changing it.

#[rustfmt::skip]
use baregrad::int8::{Activation, Conv2d, Dense, Dilated, GlobalAveragePool, Image, Numbers, Padded, Quantization, Reshape, Sequence};
use baregrad::{Chain, chain};

type Input = Sequence<16, 3>;
type Map1 = Image<1, 16, 3>;
type Map4 = Image<1, 16, 4>;
type Map5 = Sequence<16, 4>;
type Map8 = Image<1, 9, 5>;
type Map9 = Sequence<9, 5>;

/// Weights, biases and scales.
const NUMBERS: Numbers = Numbers(include_bytes!("sequence_int8.bin"));

const X0: Quantization = Quantization { scale: 0.032240607, zero_point: 9 };
const X1: Quantization = Quantization { scale: 0.025052605, zero_point: -128 };
const X2: Quantization = Quantization { scale: 0.05984535, zero_point: 23 };
const X3: Quantization = Quantization { scale: 0.0156304, zero_point: 35 };
const X4: Quantization = Quantization { scale: 0.015662232, zero_point: 2 };

/// 48 numbers to 3.
#[rustfmt::skip]
pub type Net = chain![
    Reshape<Input, Map1>,
    Conv2d<Map1, Map4, 1, 3, 1, 1, Dilated<1, 2, Padded<0, 4>>>,
    Reshape<Map4, Map5>,
    Reshape<Map5, Map4>,
    Conv2d<Map4, Map8, 1, 4, 2, 1, Padded<0, 2>>,
    Reshape<Map8, Map9>,
    GlobalAveragePool<Map9>,
    Dense<5, 3>,
];

/// With its numbers, in flash.
#[allow(long_running_const_eval)]
#[rustfmt::skip]
pub static NET: Net = Chain(
    Reshape::new(X0), Chain(
    Conv2d::new(NUMBERS.bytes(0, 36), &NUMBERS.i32(36), &NUMBERS.f32(52), X0, X1, Activation::Relu), Chain(
    Reshape::new(X1), Chain(
    Reshape::new(X1), Chain(
    Conv2d::new(NUMBERS.bytes(68, 80), &NUMBERS.i32(148), &NUMBERS.f32(168), X1, X2, Activation::None), Chain(
    Reshape::new(X2), Chain(
    GlobalAveragePool::new(X2, X3),
    Dense::new(NUMBERS.bytes(188, 15), &NUMBERS.i32(203), &NUMBERS.f32(215), X3, X4, Activation::None))))))));

/// Of each operator of the net, which one of the file it is, and the bytes of each number that it gives.
/// `usize::MAX` is none.
#[rustfmt::skip]
pub static OPERATORS: [(usize, usize); 8] = [(usize::MAX, 1), (2, 1), (3, 1), (usize::MAX, 1), (6, 1), (7, 1), (8, 1), (9, 1)];
