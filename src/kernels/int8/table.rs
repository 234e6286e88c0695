//! Functions of one int8 as tables: each byte of an input has its byte of the output. The tables are computed in fixed point, as
//! the reference kernels compute each value.

use super::fixed_point::{input, sigmoid, tanh};
use super::multiplier::shift_right;
use super::{Multiplier, Range, activation, byte};

/// The byte of the output for each byte of the input.
pub type Table = [u8; 256];

/// Bits before the point of what a sigmoid or tanh is computed of.
const INTEGER_BITS: u32 = 4;

/// A function whose output has a fixed scale.
#[derive(Clone, Copy)]
pub enum Curve {
    /// In steps of 1/256 from −128.
    Sigmoid,
    /// In steps of 1/128 around 0.
    Tanh,
}

/// The table of a function of inputs with a scale and zero point: TensorFlow Lite's `Logistic` and `Tanh` of int8.
pub const fn curve(curve: Curve, scale: f32, zero_point: i8) -> Table {
    // From the radius on, `x` does not fit, and the function is 1 or its least value.
    let (multiplier, radius) = input(scale, INTEGER_BITS);
    let mut table = [0; 256];
    let mut i = 0;
    while i < table.len() {
        let x = activation(i as u8) as i32 - zero_point as i32;
        let y = if x <= -radius {
            -128
        } else if x >= radius {
            127
        } else {
            match curve {
                Curve::Sigmoid => shift_right(sigmoid(multiplier.apply(x)), 31 - 8) - 128,
                Curve::Tanh => shift_right(tanh(multiplier.apply(x)), 31 - 7),
            }
        };
        table[i] = clamped(y, -128, 127);
        i += 1;
    }
    table
}

/// The table that scales inputs: from the first zero point, by a factor, to the second zero point, within a range. TensorFlow
/// Lite's `Requantize` and `ReluQuantized`.
pub const fn scaled(factor: Multiplier, [from, to]: [i8; 2], range: Range) -> Table {
    let mut table = [0; 256];
    let mut i = 0;
    while i < table.len() {
        let y = factor.apply(activation(i as u8) as i32 - from as i32).saturating_add(to as i32);
        table[i] = clamped(y, activation(range.low), activation(range.high));
        i += 1;
    }
    table
}

/// Replaces each byte by its byte in the table.
pub fn look_up(table: &Table, bytes: &mut [u8]) {
    for b in bytes {
        // A table has an entry for each byte.
        *b = table[usize::from(*b)];
    }
}

const fn clamped(y: i32, low: i8, high: i8) -> u8 {
    let y = if y < low as i32 { low as i32 } else { y };
    byte(if y > high as i32 { high } else { y as i8 })
}
