/// A real number as a fixed-point factor, `mantissa · 2^(exponent − 31)`: TensorFlow Lite's `QuantizeMultiplier`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multiplier {
    /// 2³⁰ to 2³¹ − 1, or 0.
    pub mantissa: i32,
    /// −31 to 30.
    pub exponent: i8,
}

impl Multiplier {
    /// Returns the factor that is nearest to a positive number. Below 2⁻³², it is 0, as in TensorFlow Lite.
    pub const fn new(real: f64) -> Self {
        const ZERO: Multiplier = Multiplier { mantissa: 0, exponent: 0 };
        let bits = real.to_bits();
        if real <= 0.0 || bits >> 52 == 0 {
            return ZERO;
        }
        // real = fraction · 2^(exponent − 53) with 53 bits of fraction; the mantissa is its upper 31 bits, rounded half up.
        let fraction = bits & ((1 << 52) - 1) | 1 << 52;
        let mut exponent = (bits >> 52) as i32 - 1022;
        let mut mantissa = (fraction + (1 << 21)) >> 22;
        if mantissa == 1 << 31 {
            mantissa /= 2;
            exponent += 1;
        }
        if exponent < -31 {
            return ZERO;
        }
        if exponent > 30 {
            return Multiplier { mantissa: i32::MAX, exponent: 30 };
        }
        Multiplier { mantissa: mantissa as i32, exponent: exponent as i8 }
    }

    /// Returns the factor of a mean: this one divided by `count`, cut off, as TensorFlow Lite's `MEAN` does.
    pub const fn divided(self, count: usize) -> Self {
        let Some(shift) = (count as u64).checked_ilog2() else { return self };
        let most = (31 + self.exponent as i32) as u32;
        let shift = if shift < most { shift } else { most };
        let mantissa = ((self.mantissa as u64) << shift) / count as u64;
        Multiplier { mantissa: mantissa as i32, exponent: self.exponent - shift as i8 }
    }

    /// Returns `x` times the factor, rounded twice as the reference kernels do (`MultiplyByQuantizedMultiplier`): the product
    /// with the mantissa to the nearest integer, and its shift to the right to the nearest integer, halves away from 0.
    #[inline(always)]
    pub const fn apply(self, x: i32) -> i32 {
        if self.exponent >= 0 {
            return multiply_high(x.wrapping_shl(self.exponent as u32), self.mantissa);
        }
        // Halves of a negative number are rounded up once it is one less. Nothing overflows: |product| < 2³¹ − 1.
        let product = multiply_high(x, self.mantissa);
        let shift = !self.exponent as u32; // one bit less than −exponent
        ((product + (product >> 31)).wrapping_shr(shift) + 1) >> 1
    }

    /// Returns `x` times the factor as [`apply`](Self::apply) does, or one of the ends of `i32` near which it would lie.
    #[inline(always)]
    pub const fn saturating(self, x: i32) -> i32 {
        if self.exponent > 0 {
            multiply_high(saturating_shl(x, self.exponent as u32), self.mantissa)
        } else {
            self.apply(x)
        }
    }
}

/// Returns `x · 2^left`, at most the largest and at least the smallest `i32`.
#[inline(always)]
pub const fn saturating_shl(x: i32, left: u32) -> i32 {
    let wide = (x as i64) << left;
    if wide > i32::MAX as i64 {
        i32::MAX
    } else if wide < i32::MIN as i64 {
        i32::MIN
    } else {
        wide as i32
    }
}

/// Returns `a · b / 2³¹`, rounded to the nearest integer: `SaturatingRoundingDoublingHighMul` of gemmlowp, whose nudge and
/// division round halves up. −2³¹ times itself does not occur, because a mantissa is positive.
#[inline(always)]
pub const fn multiply_high(a: i32, b: i32) -> i32 {
    ((a as i64 * b as i64 + (1 << 30)) >> 31) as i32
}

/// Returns [`multiply_high`] of `a` and `b / 2`, where `b` are the bits of a number from 2³¹ on: the upper half of `a · b + 2³¹`.
/// As a number with a sign, `b` is less by 2³². It is one `SMLAL`, or less.
#[inline(always)]
pub const fn multiply_high_by_half(a: i32, b: i32) -> i32 {
    high(a, a, b)
}

/// Returns the upper half of `start · 2³² + a · b`, rounded to the nearest integer, halves up.
#[inline(always)]
pub const fn high(start: i32, a: i32, b: i32) -> i32 {
    let start = ((start as i64) << 32) | 1 << 31;
    (start.wrapping_add(a as i64 * b as i64) >> 32) as i32
}

/// Returns `x / 2^shift`, rounded to the nearest integer, halves away from 0: gemmlowp's `RoundingDivideByPOT`.
#[inline(always)]
pub const fn shift_right(x: i32, shift: u32) -> i32 {
    let mask = (1_u32.wrapping_shl(shift) - 1) as i32;
    let threshold = (mask >> 1) + (x < 0) as i32;
    x.wrapping_shr(shift) + ((x & mask) > threshold) as i32
}
