//! Made by baregrad-convert from "row_ends.tflite": make it again instead of changing it.

#[rustfmt::skip]
use baregrad::int8::{Activation, Dense, Numbers, Quantization};
use baregrad::{Chain, chain};

/// Weights, biases and scales.
const NUMBERS: Numbers = Numbers(include_bytes!("row_ends.bin"));

const X0: Quantization = Quantization { scale: 0.027529025, zero_point: -4 };
const X1: Quantization = Quantization { scale: 0.020156404, zero_point: -128 };
const X2: Quantization = Quantization { scale: 0.044402894, zero_point: -2 };

/// 12 numbers to 3.
#[rustfmt::skip]
pub type Net = chain![
    Dense<12, 8>,
    Dense<8, 3>,
];

/// With its numbers, in flash.
#[allow(long_running_const_eval)]
#[rustfmt::skip]
pub static NET: Net = Chain(
    Dense::new(NUMBERS.bytes(0, 96), &NUMBERS.i32(96), &NUMBERS.f32(128), X0, X1, Activation::Relu),
    Dense::new(NUMBERS.bytes(160, 24), &NUMBERS.i32(184), &NUMBERS.f32(196), X1, X2, Activation::None));

/// Of each operator of the net, which one of the file it is, and the bytes of each number that it gives.
/// `usize::MAX` is none.
#[rustfmt::skip]
pub static OPERATORS: [(usize, usize); 2] = [(1, 1), (2, 1)];
