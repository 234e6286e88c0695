//! Products and other loops of int8 nets, which give the bytes of TensorFlow Lite's reference kernels.
//!
//! An activation `q` of −128 to 127 is stored as the byte `q + 128`. Sums are integers, so that their order does not matter:
//! each target adds in the order that is fastest there, and all give the same bytes.

pub mod add;
pub mod copy;
pub mod depthwise;
pub mod depthwise_pairs;
pub mod dot;
pub mod dynamic;
pub mod fixed_point;
pub mod grouped;
pub mod lstm;
pub mod multiplier;
pub mod output;
pub mod pairs;
pub mod pool;
pub mod rows;
pub mod softmax;
pub mod svdf;
pub mod table;
pub mod weights;

pub use multiplier::Multiplier;
pub use output::{Output, Range};

/// The byte that stands for the activation `q`.
#[inline(always)]
pub const fn byte(q: i8) -> u8 {
    q as u8 ^ 0x80
}

/// Returns the integer that is nearest to a number, halves away from 0, or the nearest `i32`. NaN gives 0.
#[inline(always)]
pub fn rounded(x: f32) -> i32 {
    // The cast rounds towards 0. A number of 2²³ or more is whole.
    let whole = x as i32;
    let rest = x - whole as f32;
    whole.saturating_add(i32::from(rest >= 0.5) - i32::from(rest <= -0.5))
}

/// The activation that a byte stands for.
#[inline(always)]
pub const fn activation(byte: u8) -> i8 {
    (byte ^ 0x80) as i8
}
