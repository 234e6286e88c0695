//! Functions of fixed-point numbers from gemmlowp (`fixedpoint.h`), which the reference kernels use. `Qn.m` is an `i32` with
//! `n` bits before the point and `m` behind it.

use super::multiplier::{multiply_high, shift_right};

/// Returns `x · 2^left`, at most the largest and at least the smallest `i32`.
#[inline(always)]
const fn saturating_shl(x: i32, left: u32) -> i32 {
    let wide = (x as i64) << left;
    if wide > i32::MAX as i64 {
        i32::MAX
    } else if wide < i32::MIN as i64 {
        i32::MIN
    } else {
        wide as i32
    }
}

/// Returns the product of two fixed-point numbers; it saturates where both are −1.
#[inline(always)]
pub const fn multiply(a: i32, b: i32) -> i32 {
    if a == i32::MIN && b == i32::MIN { i32::MAX } else { multiply_high(a, b) }
}

/// Returns `eˣ` as `Q0.31` for an `x ≤ 0` in `Q5.26`: `exp_on_negative_values`.
pub const fn exp_negative(x: i32) -> i32 {
    const QUARTER: i32 = 1 << 24;
    // x = −(a multiple of 1/4) + a rest in [−1/4, 0).
    let rest = (x & (QUARTER - 1)) - QUARTER;
    let mut result = exp_near_eighth(rest << 5);
    let multiples = rest.wrapping_sub(x);
    // e^(−2^i) in Q0.31, for i from −2.
    const FACTORS: [i32; 7] = [1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242];
    let mut i = 0;
    while i < FACTORS.len() {
        if multiples & (QUARTER << i) != 0 {
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

/// Returns `1 / (1 + a)` for `a` in [0, 1), both in `Q0.31`: `one_over_one_plus_x_for_x_in_0_1`, three steps of Newton.
pub const fn one_over_one_plus(a: i32) -> i32 {
    // 48/17 − 32/17 · d with d = (1 + a) / 2, in Q2.29.
    let half = ((a as i64 + i32::MAX as i64 + 1) >> 1) as i32;
    let mut x = 1_515_870_810 + multiply(half, -1_010_580_540);
    let mut i = 0;
    while i < 3 {
        let error = (1 << 29) - multiply(half, x);
        x += saturating_shl(multiply(x, error), 2);
        i += 1;
    }
    saturating_shl(x, 1)
}
