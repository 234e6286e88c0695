use super::{Multiplier, byte};
use crate::kernels::no_unrolling;

/// What turns the sum of one output channel into its byte.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// The bias, less the zero point of the input times the sum of the weights.
    pub bias: i32,
    /// Scale of the input times scale of the weights, divided by the scale of the output.
    pub multiplier: Multiplier,
}

impl Output {
    /// A channel that is always 0.
    pub const ZERO: Self = Output { bias: 0, multiplier: Multiplier { mantissa: 0, exponent: 0 } };

    /// An output whose int8 weights, as bytes, are `w[first]`, `w[first + step]`, and so on, `count` of them. `zero` is the byte
    /// of the input's zero point. `real` is the scale of the input times the scale of the weights by the scale of the output.
    pub const fn new(bias: i32, w: &[u8], [first, step, count]: [usize; 3], zero: u8, real: f64) -> Self {
        let (mut sum, mut i) = (0_i32, 0);
        while i < count {
            sum += w[first + i * step] as i8 as i32;
            i += 1;
        }
        Output { bias: bias.wrapping_sub(sum * zero as i32), multiplier: Multiplier::new(real) }
    }
}

/// The zero point of an output and the range of its fused activation, as bytes.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The byte of 0.
    pub zero: u8,
    /// The smallest byte.
    pub low: u8,
    /// The largest byte.
    pub high: u8,
}

impl Range {
    /// All bytes, with the zero point `zero_point`.
    pub const fn all(zero_point: i8) -> Self {
        Range { zero: byte(zero_point), low: 0, high: 255 }
    }

    /// Returns the byte of a value in units of the output's scale.
    #[inline(always)]
    pub fn byte(self, value: i32) -> u8 {
        let zero = i32::from(self.zero);
        // `low` and `high` are bytes.
        (value.max(i32::from(self.low) - zero).min(i32::from(self.high) - zero) + zero) as u8
    }

    /// Returns the byte of an output whose products sum to `sum`.
    #[inline(always)]
    pub fn finish(self, sum: i32, output: &Output) -> u8 {
        self.byte(output.multiplier.apply(sum.wrapping_add(output.bias)))
    }

    /// Writes the bytes of outputs whose products sum to `sums`.
    #[inline(always)]
    pub fn finish_all(self, sums: &[u32], outputs: &[Output], y: &mut [u8]) {
        for ((y, sum), output) in y.iter_mut().zip(sums).zip(outputs) {
            *y = self.finish(*sum as i32, output);
            no_unrolling();
        }
    }
}
