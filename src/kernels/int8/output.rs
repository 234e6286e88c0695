use super::multiplier::{high, multiply_high_by_half};
use super::{Multiplier, byte};
use crate::kernels::no_unrolling;

/// What turns the sum of one output channel into its byte.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// The bias, less the zero point of the input times the sum of the weights.
    pub bias: i32,
    /// Twice the mantissa of the multiplier, as bits, which are negative: what [`multiply_high_by_half`] takes. Or, if the
    /// multiplier is rare, its mantissa.
    twice: i32,
    /// How a product is shifted to the right: by one bit less than `−exponent`, `!exponent`, or `2^(31 − !exponent)` for
    /// [`BY_PRODUCT`]. If the multiplier is rare, `!exponent`.
    down: i32,
}

/// Whether to shift by a product with a power of two, of which the upper half is taken: `SMMLAR` rounds it, too, and adds the
/// zero point.
const BY_PRODUCT: bool = cfg!(umlal);

impl Output {
    /// A channel that is always 0.
    pub const ZERO: Self = Output { bias: 0, twice: 0, down: !0 };

    /// An output whose int8 weights, as bytes, are `w[first]`, `w[first + step]`, and so on, `count` of them. `zero` is the byte
    /// of the input's zero point. `real` is the scale of the input times the scale of the weights by the scale of the output.
    pub const fn new(bias: i32, w: &[u8], [first, step, count]: [usize; 3], zero: u8, real: f64) -> Self {
        let (mut sum, mut i) = (0_i32, 0);
        while i < count {
            sum += w[first + i * step] as i8 as i32;
            i += 1;
        }
        let Multiplier { mantissa, exponent } = Multiplier::new(real);
        let (bias, shift) = (bias.wrapping_sub(sum * zero as i32), !(exponent as i32));
        // 1/2 or more, for `BY_PRODUCT` 1/4 or more, or 0.
        if shift < BY_PRODUCT as i32 {
            return Output { bias, twice: mantissa, down: shift };
        }
        Output { bias, twice: mantissa.wrapping_mul(2), down: if BY_PRODUCT { 1 << (31 - shift) } else { shift } }
    }

    /// Scale of the input times scale of the weights, divided by the scale of the output.
    pub const fn multiplier(&self) -> Multiplier {
        if self.twice >= 0 {
            return Multiplier { mantissa: self.twice, exponent: !self.down as i8 };
        }
        let shift = if BY_PRODUCT { self.down.leading_zeros() as i32 } else { self.down };
        Multiplier { mantissa: (self.twice as u32 / 2) as i32, exponent: !shift as i8 }
    }

    /// Whether it takes [`Range::byte_of_rare`]. From the answer, the compiler learns a range which it makes use of.
    #[inline(always)]
    const fn is_rare(&self) -> bool {
        if BY_PRODUCT { self.twice >= 0 } else { self.down as u32 > 31 }
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

    /// Returns the byte of an output whose products sum to `sum`, before [`limit`](Self::limit).
    #[inline(always)]
    pub fn finish(self, sum: i32, output: &Output) -> u8 {
        let sum = sum.wrapping_add(output.bias);
        if output.is_rare() {
            return self.byte_of_rare(sum, output);
        }
        // As in `Multiplier::apply`: halves of a negative number are rounded up once it is one less.
        let product = multiply_high_by_half(sum, output.twice);
        let (product, zero) = (product + (product >> 31), i32::from(self.zero));
        let value = if BY_PRODUCT {
            high(0, product, output.down) + zero
        } else {
            ((product >> output.down) + (2 * zero + 1)) >> 1
        };
        // One instruction on Cortex-M3 and newer.
        value.clamp(0, 255) as u8
    }

    /// With a multiplier for which `finish` has no room.
    #[cold]
    fn byte_of_rare(self, sum: i32, output: &Output) -> u8 {
        self.byte(output.multiplier().apply(sum))
    }

    /// Writes the bytes of outputs whose products sum to `sums`, before [`limit`](Self::limit).
    #[inline(always)]
    pub fn finish_all(self, sums: &[u32], outputs: &[Output], y: &mut [u8]) {
        for ((y, sum), output) in y.iter_mut().zip(sums).zip(outputs) {
            *y = self.finish(*sum as i32, output);
            no_unrolling();
        }
    }

    /// Applies the fused activation. Mostly the range is all bytes, and it is done already.
    #[inline(always)]
    pub fn limit(self, y: &mut [u8]) {
        if self.low > 0 || self.high < 255 {
            self.limit_each(y);
        }
    }

    #[cold]
    fn limit_each(self, y: &mut [u8]) {
        y.iter_mut().for_each(|y| *y = (*y).max(self.low).min(self.high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shift by a product rounds as the two shifts do.
    #[test]
    fn shifts_by_products() {
        for shift in 1..31 {
            for high_bits in -40..=40_i32 {
                for product in [-1, 0, 1].map(|low| (high_bits << (shift / 2 + 9)) + (high_bits << (shift / 2)) + low) {
                    assert_eq!(
                        high(0, product, 1 << (31 - shift)),
                        ((product >> shift) + 1) >> 1,
                        "{product}, {shift}"
                    );
                }
            }
        }
    }
}
