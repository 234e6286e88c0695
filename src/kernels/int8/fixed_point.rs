//! Functions of fixed-point numbers from gemmlowp (`fixedpoint.h`), which the reference kernels use. `Qn.m` is an `i32` with
//! `n` bits before the point and `m` behind it.

use super::Multiplier;
use super::multiplier::{multiply_high, saturating_shl, shift_right};

/// Returns the factor from integers of a `scale` to fixed point with `integer_bits` bits before the point, and the least integer
/// that does not fit: `CalculateInputRadius`.
pub const fn input(scale: f32, integer_bits: u32) -> (Multiplier, i32) {
    let one = (1_u64 << (31 - integer_bits)) as f64;
    let real = scale as f64 * one;
    let factor = Multiplier::new(if real < i32::MAX as f64 { real } else { i32::MAX as f64 });
    let shift = if factor.exponent > 0 { factor.exponent as u32 } else { 0 };
    // The quotient is positive, so that the cast rounds down.
    let radius = ((1 << integer_bits) - 1) as f64 * one / (1_u64 << shift) as f64;
    (factor, radius as i32)
}

/// Returns the product of two fixed-point numbers; it saturates where both are −1.
#[inline(always)]
pub const fn multiply(a: i32, b: i32) -> i32 {
    if a == i32::MIN && b == i32::MIN { i32::MAX } else { multiply_high(a, b) }
}

/// Returns `eˣ` as `Q0.31` for an `x ≤ 0` with `integer_bits` bits before the point, 5 at most: `exp_on_negative_values`.
pub const fn exp_negative(x: i32, integer_bits: u32) -> i32 {
    let quarter = (1 << 29) >> integer_bits;
    // x = −(a multiple of 1/4) + a rest in [−1/4, 0).
    let rest = (x & (quarter - 1)) - quarter;
    let mut result = exp_near_eighth(rest << integer_bits);
    let multiples = rest.wrapping_sub(x);
    // e^(−2^i) in Q0.31, for i from −2. No x is so far below 0 that it needs a factor for a bit which it does not have.
    const FACTORS: [i32; 7] = [1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242];
    let mut i = 0;
    while i < FACTORS.len() {
        if multiples & quarter.wrapping_shl(i as u32) != 0 {
            result = multiply(result, FACTORS[i]);
        }
        i += 1;
    }
    if x == 0 { i32::MAX } else { result }
}

/// Returns `eᵃ` for `a` in [−1/4, 0), both in `Q0.31`: a polynomial around −1/8.
const fn exp_near_eighth(a: i32) -> i32 {
    const EXP_OF_EIGHTH: i32 = 1_895_147_668; // e^(−1/8)
    const THIRD: i32 = 715_827_883;
    let x = a + (1 << 28);
    let x2 = multiply(x, x);
    let x3 = multiply(x2, x);
    let x4 = multiply(x2, x2);
    let higher = shift_right(multiply(shift_right(x4, 2) + x3, THIRD) + x2, 1);
    // A wrapping sum, as in gemmlowp: it does not overflow here.
    EXP_OF_EIGHTH.wrapping_add(multiply(EXP_OF_EIGHTH, x + higher))
}

/// Returns `2 / (1 + a)` as `Q2.29` for `a` in [0, 1) in `Q0.31`: three steps of Newton.
const fn two_over_one_plus(a: i32) -> i32 {
    // 48/17 − 32/17 · d with d = (1 + a) / 2, in Q2.29.
    let half = ((a as i64 + i32::MAX as i64 + 1) >> 1) as i32;
    let mut x = 1_515_870_810 + multiply(half, -1_010_580_540);
    let mut i = 0;
    while i < 3 {
        let error = (1 << 29) - multiply(half, x);
        x += saturating_shl(multiply(x, error), 2);
        i += 1;
    }
    x
}

/// Returns `1 / (1 + a)` for `a` in [0, 1), both in `Q0.31`: `one_over_one_plus_x_for_x_in_0_1`.
pub const fn one_over_one_plus(a: i32) -> i32 {
    saturating_shl(two_over_one_plus(a), 1)
}

/// Returns the sigmoid of `x` in `Q4.27` as `Q0.31`: `logistic`.
pub const fn sigmoid(x: i32) -> i32 {
    let of_positive = one_over_one_plus(exp_negative(-x.abs(), 4));
    if x > 0 {
        of_positive
    } else if x < 0 {
        i32::MAX - of_positive
    } else {
        1 << 30
    }
}

/// Returns the hyperbolic tangent of `x` in `Q4.27` as `Q0.31`: `tanh`. It is `(1 − a) / (1 + a)` with `a = e^(−2|x|)`.
pub const fn tanh(x: i32) -> i32 {
    // The bits of x, read as Q5.26, are those of 2 · x.
    let of_positive = saturating_shl(two_over_one_plus(exp_negative(-x.abs(), 5)) - (1 << 29), 2);
    x.signum() * of_positive
}
