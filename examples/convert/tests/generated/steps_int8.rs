//! Made by baregrad-convert from "steps_int8.tflite": make it again instead of changing it.

#[rustfmt::skip]
use baregrad::int8::{Activation, Dense, Gate, Lstm, Numbers, Quantization, Reshape, Sequence, Softmax};
use baregrad::{Chain, chain};

type Map1 = Sequence<6, 4>;

/// Weights, biases and scales.
const NUMBERS: Numbers = Numbers(include_bytes!("steps_int8.bin"));

const X0: Quantization = Quantization { scale: 0.027212845, zero_point: 3 };
const X1: Quantization = Quantization { scale: 0.0056007304, zero_point: -21 };
const X2: Quantization = Quantization { scale: 0.0127201, zero_point: 14 };

/// 30 numbers to 3.
#[rustfmt::skip]
pub type Net = chain![
    Lstm<6, 5, 4>,
    Reshape<Map1, [u8; 24]>,
    Dense<24, 3>,
    Softmax<3>,
];

/// With its numbers, in flash.
#[allow(long_running_const_eval)]
#[rustfmt::skip]
pub static NET: Net = Chain(
    Lstm::new([Gate { w: NUMBERS.bytes(0, 20), u: NUMBERS.bytes(20, 16), bias: &NUMBERS.i32(36), w_scale: 0.010946093, u_scale: 0.0065931925 }, Gate { w: NUMBERS.bytes(52, 20), u: NUMBERS.bytes(72, 16), bias: &NUMBERS.i32(88), w_scale: 0.007929281, u_scale: 0.0075340094 }, Gate { w: NUMBERS.bytes(104, 20), u: NUMBERS.bytes(124, 16), bias: &NUMBERS.i32(140), w_scale: 0.0111604715, u_scale: 0.006331329 }, Gate { w: NUMBERS.bytes(156, 20), u: NUMBERS.bytes(176, 16), bias: &NUMBERS.i32(192), w_scale: 0.007392447, u_scale: 0.004991104 }], X0, 6.1035156e-5, 10.0, X1), Chain(
    Reshape::new(X1), Chain(
    Dense::new(NUMBERS.bytes(208, 72), &NUMBERS.i32(280), &NUMBERS.f32(292), X1, X2, Activation::None),
    Softmax::new(X2))));

/// Of each operator of the net, which one of the file it is, and the bytes of each number that it gives.
/// `usize::MAX` is none.
#[rustfmt::skip]
pub static OPERATORS: [(usize, usize); 4] = [(0, 1), (1, 1), (2, 1), (3, 1)];
