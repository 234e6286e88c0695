//! Elementary functions, written once over [`Lanes`]: they give the same bits at every width.
//!
//! They use only `+ − × ÷ √`, multiply-add, comparisons and bit patterns. Every function accepts every float. For NaN, and
//! outside of its domain, it returns NaN.
//!
//! Each error is the largest one found over all 2³² floats, in units in the last place (ULP) of the exact result; a
//! correctly rounded result has half a unit at most. The first figure is with [fused](super::lanes::FUSED) multiply-add, the
//! second without (`tests/kernels/math.rs`). The polynomials are derived by `tests/reference/derive_polynomials.py`.

use super::lanes::NATIVE;
use super::machine::Machine;
use super::root::SOFT;
use super::{Lanes, written_out};
use core::f32::consts::{LN_2, LOG2_E};

/// Adding this to |x| < 2²² and subtracting it again rounds x to the nearest integer.
const ROUND: f32 = 12_582_912.0;
/// ln 2 in two parts, the first with trailing zeros (Cephes, `expf.c`).
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// (eʳ − 1 − r) / r² for |r| ≤ ln 2 / 2.
const EXP: [f32; 5] = [1.387_069_4e-3, 8.366_272e-3, 4.166_743_5e-2, 1.666_654_6e-1, 4.999_999_7e-1];
/// (e²ʳ − 1 − 2 r) / 2 r² for |r| ≤ ln 2 / 4.
const HALF_EXP: [f32; 5] = [EXP[0] * 32.0, EXP[1] * 16.0, EXP[2] * 8.0, EXP[3] * 4.0, EXP[4] * 2.0];
/// r coth(r / 2) for |r| ≤ ln 2 / 2, in r².
const COTH: [f32; 3] = [-2.766_71e-3, 1.666_662_5e-1, 2.0];
/// (ln(1 + r) − r + r² / 2) / r³ for √½ ≤ 1 + r ≤ √2.
const LN: [f32; 8] = [
    -7.636_435e-2,
    1.276_221_6e-1,
    -1.315_961e-1,
    1.420_158e-1,
    -1.662_340_9e-1,
    2.000_124_2e-1,
    -2.500_082e-1,
    3.333_333e-1,
];
/// (2 artanh(s / 2) − s) / s³ for 0 ≤ s ≤ 2 / 3, in s².
const ARTANH: [f32; 4] = [5.470_069e-4, 2.187_736_6e-3, 1.250_669_9e-2, 8.333_302e-2];
/// (−ln(1 − erf z) − z) / z for 0 ≤ z < 4.
const ERF: [f32; 8] = [
    4.156_42e-5,
    -3.869_724_8e-4,
    1.267_438_9e-3,
    1.864_810_6e-4,
    -1.931_087_1e-2,
    1.028_122_3e-1,
    6.366_164_7e-1,
    1.283_792_1e-1,
];

/// Evaluates a polynomial by Horner's scheme, highest power first.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn short_polynomial<V: Lanes, const N: usize>(x: V, coefficients: [f32; N]) -> V {
    let mut sum = x.splat(coefficients[0]);
    written_out!(i in (N - 1) {
        sum = sum.mul_add(x, x.splat(coefficients[i + 1]));
    });
    sum
}

/// Evaluates a polynomial by Horner's scheme in x², two terms per step. The chain of dependent sums is half as long, for one
/// more product.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn polynomial<V: Lanes, const N: usize>(x: V, coefficients: [f32; N]) -> V {
    let mut sum = if N % 2 == 1 { x.splat(coefficients[0]) } else { line(x, &coefficients, 0) };
    written_out!(i in (N.div_ceil(2) - 1) {
        sum = sum.mul_add(x * x, line(x, &coefficients, 2 * i + 2 - N % 2));
    });
    sum
}

/// Two terms of a polynomial: `coefficients[at] · x + coefficients[at + 1]`.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn line<V: Lanes, const N: usize>(x: V, coefficients: &[f32; N], at: usize) -> V {
    x.splat(coefficients[at]).mul_add(x, x.splat(coefficients[at + 1]))
}

/// Returns r and a float whose low bits are n + `bias`, where x = n · ln 2 + r and |r| ≤ ln 2 / 2.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn reduce<V: Lanes>(x: V, bias: f32) -> (V, V) {
    let bias = x.splat(ROUND + bias);
    let shifted = x.mul_add(x.splat(LOG2_E), bias);
    let n = shifted - bias;
    (n.mul_add(x.splat(-LN_2_LOW), n.mul_add(x.splat(-LN_2_HIGH), x)), shifted)
}

/// eʳ − 1 for |r| ≤ ln 2 / 2.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn exp_m1_small<V: Lanes>(r: V) -> V {
    polynomial(r, EXP).mul_add(r * r, r)
}

/// 2ⁿ where the low bits of `shifted` are n + 127.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn power_of_2<V: Lanes>(shifted: V) -> V {
    V::from_bits(shifted.to_bits() << 23)
}

/// p · 2ⁿ, rounded once, where the low bits of `shifted` are n + 254.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn scale<V: Lanes>(p: V, shifted: V) -> V {
    // Split into the exponents of two factors, because 2ⁿ alone may leave the range of normal numbers.
    let exponent = shifted.to_bits();
    let half = exponent >> 1;
    p * V::from_bits(half << 23) * V::from_bits((exponent - half) << 23)
}

/// Returns the absolute value of `y` with the sign of `x`.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn copy_sign<V: Lanes>(y: V, x: V) -> V {
    with_sign(y.abs(), x)
}

/// Returns `y`, which is not negative, with the sign of `x`.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn with_sign<V: Lanes>(y: V, x: V) -> V {
    V::from_bits(y.to_bits() | (x.to_bits() & x.bits(0x8000_0000)))
}

/// eˣ; 0 below −104, ∞ above 88.73.
///
/// Error: 1.05 ULP fused, 1.04 not; for subnormal results 0.76 and 0.76.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn exp<V: Lanes>(x: V) -> V {
    exp_up_to_89(x.min(x.splat(89.0)))
}

/// eˣ = 2ⁿ eʳ for x ≤ 89 or NaN.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn exp_up_to_89<V: Lanes>(x: V) -> V {
    let (r, n) = reduce(x.max(x.splat(-104.0)), 254.0);
    scale(exp_m1_small(r) + x.splat(1.0), n)
}

/// eˣ − 1, accurate near 0, where it is x; −1 below −18, ∞ above 88.73.
///
/// Error: 1.61 ULP fused, 1.74 not.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn exp_m1<V: Lanes>(x: V) -> V {
    let (r, n) = reduce(x.max(x.splat(-18.0)).min(x.splat(89.0)), 127.0);
    // 2¹²⁸ is not a float.
    let top = x.splat(ROUND + 127.0 + 127.0);
    let y = exp_m1_scaled(r, n.min(top)) * top.if_less(n, x.splat(2.0), x.splat(1.0));
    // −0 stays −0.
    copy_sign(y, x)
}

/// 2ⁿ eʳ − 1, where the low bits of `n` are n + 127.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn exp_m1_scaled<V: Lanes>(r: V, n: V) -> V {
    let power = power_of_2(n);
    power.mul_add(exp_m1_small(r), power - r.splat(1.0))
}

/// The natural logarithm; −∞ at ±0, NaN for negative x.
///
/// Error: 0.86 ULP fused, 0.86 not.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn ln<V: Lanes>(x: V) -> V {
    let tiny = x.splat(f32::MIN_POSITIVE);
    let normal = x.if_less(tiny, x * x.splat(8_388_608.0), x);
    let lift = x.if_less(tiny, x.splat(23.0), x.splat(0.0));
    ln_edges(x, ln_normal(normal, lift))
}

/// ln(1 + x), accurate near 0, where it is x; −∞ at −1, NaN below.
///
/// Error: 1.44 ULP fused, 1.44 not.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn ln_1p<V: Lanes>(x: V) -> V {
    let one_x = x.splat(1.0) + x;
    // The rounding error of 1 + x, to first order.
    let lost = (x - (one_x - x.splat(1.0))) / one_x;
    let y = ln_edges(one_x, ln_normal(one_x, x.splat(0.0)) + lost);
    x.abs().if_less(x.splat(f32::MIN_POSITIVE), x, y)
}

/// ln x − `lift` · ln 2 for normal x > 0, by the method of Cephes' `logf.c`.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn ln_normal<V: Lanes>(x: V, lift: V) -> V {
    const ROOT_HALF: u32 = 0x3f35_04f3;
    // Exponent and mantissa, the mantissa in [√½, √2).
    let bits = x.abs().to_bits() + x.bits(0x3f80_0000 - ROOT_HALF);
    let exponent = V::from_bits((bits >> 23) | x.bits(0x4b00_0000)) - (x.splat(8_388_608.0 + 127.0) + lift);
    let r = V::from_bits((bits & x.bits(0x007f_ffff)) + x.bits(ROOT_HALF)) - x.splat(1.0);
    let square = r * r;
    let tail = exponent.mul_add(x.splat(LN_2_LOW), polynomial(r, LN) * (r * square));
    exponent.mul_add(x.splat(LN_2_HIGH), square.mul_add(x.splat(-0.5), tail) + r)
}

/// Returns `y`, the logarithm of `x`, or its proper value if `x` is not a positive finite number.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn ln_edges<V: Lanes>(x: V, y: V) -> V {
    let y = x.if_less(x.splat(0.0), x.splat(f32::NAN), y);
    let y = x.abs().if_less(x.splat(f32::from_bits(1)), x.splat(f32::NEG_INFINITY), y);
    // The comparison is false for ∞ and NaN.
    x.if_less(x.splat(f32::INFINITY), y, x)
}

/// The hyperbolic tangent, E / (E + 2) with E = e^2|x| − 1. It is odd and never beyond ±1.
///
/// Error: 2.61 ULP fused, 2.61 not.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn tanh<V: Lanes>(x: V) -> V {
    if const { SOFT && V::LANES == 1 } {
        let mut one = [0.0];
        x.store(&mut one);
        return x.splat(tanh_without_fpu(one[0]));
    }
    // From 10 on, the quotient is 1.
    let z = x.abs().min(x.splat(10.0));
    let bias = x.splat(ROUND + 127.0);
    let shifted = z.mul_add(x.splat(2.0 * LOG2_E), bias);
    // ln 2 in one part: its error grows with n, but the effect on the quotient falls faster.
    let r = (shifted - bias).mul_add(x.splat(-LN_2), z + z);
    let power = power_of_2(shifted);
    let e = power.mul_add(exp_m1_small(r), power - x.splat(1.0));
    with_sign(e / (e + x.splat(2.0)), x)
}

/// Returns the same bits as [`tanh`] with fewer operations on floats, each of which takes a hundred instructions without an
/// FPU. Powers of 2 are computed with integers, and are skipped for small `x`.
#[inline(never)]
fn tanh_without_fpu(x: f32) -> f32 {
    if x.is_nan() {
        return x;
    }
    let z = f32::from_bits(f32::to_bits(x.abs()).min(10_f32.to_bits()));
    let bias = ROUND + 127.0;
    let shifted = z * (2.0 * LOG2_E) + bias;
    let n = f32::to_bits(shifted).wrapping_sub(bias.to_bits());
    let mut r = z;
    if n > 0 {
        r += (shifted - bias) * (-0.5 * LN_2);
    }
    let mut e = polynomial(r, HALF_EXP) * (r * r) + r;
    if n > 0 {
        // 2ⁿ e + (2ⁿ − 1) / 2. If e is 0, adding to its exponent gives a number too small to change the sum.
        e = f32::from_bits(f32::to_bits(e).wrapping_add(n << 23)) + (f32::from_bits((n + 126) << 23) - 0.5);
    }
    copy_sign(e / (e + 1.0), x)
}

/// 1 / (1 + e⁻ˣ) = eˣ / (1 + eˣ). It does not drop to 0 early: at −100 it is e⁻¹⁰⁰, a subnormal. 0 below −104.
///
/// Error: 2.44 ULP fused, 2.44 not; for subnormal results 0.63 and 0.63.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn sigmoid<V: Lanes>(x: V) -> V {
    if const { !waited_for::<V>() } {
        return sigmoid_between(x.max(x.splat(-104.0)).min(x.splat(20.0)));
    }
    // This way to limit x takes more operations, but they run in parallel with the others.
    let limit = x.if_less(x.splat(0.0), x.splat(0.0), x.splat(1.0));
    x.splat(104.0).if_less(x.abs(), limit, sigmoid_between(x))
}

/// Whether this computes a single number on a machine with vectors: then latency counts, because a whole training step may
/// wait for the result.
const fn waited_for<V: Lanes>() -> bool {
    NATIVE > 1 && V::LANES == 1
}

/// The sigmoid for x from −104 to 20. For other x the result is arbitrary, but as fast.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn sigmoid_between<V: Lanes>(x: V) -> V {
    // eʳ = (c + r) / (c − r) with c = r coth(r / 2), so that one division does for both. Numerator and denominator are
    // multiplied by 2⁶⁴, which keeps them normal.
    const LIFT: f32 = 18_446_744_073_709_551_616.0;
    // A fused product is exact, so the first part of ln 2 can be its nearest float, and the second part does not change c.
    let parts = const { if V::Machine::FUSED { [LN_2, -1.904_654_3e-9] } else { [LN_2_HIGH, LN_2_LOW] } };
    let bias = x.splat(ROUND + 127.0 + 64.0);
    let shifted = x.mul_add(x.splat(LOG2_E), bias);
    let n = shifted - bias;
    let nearly = n.mul_add(x.splat(-parts[0]), x);
    let r = n.mul_add(x.splat(-parts[1]), nearly);
    let c = if V::Machine::FUSED { short_polynomial(nearly * nearly, COTH) } else { short_polynomial(r * r, COTH) };
    // Limits n to its values for −104 and 20; others could give subnormals, which are slow.
    let limited = if const { waited_for::<V>() } {
        shifted.max(x.splat(ROUND + 40.0)).min(x.splat(ROUND + 221.0))
    } else {
        shifted
    };
    let power = power_of_2(limited);
    // (c + r) · power; these products are exact.
    let e = c.mul_add(power, r * power);
    e / (c.mul_add(x.splat(LIFT), r * x.splat(-LIFT)) + e)
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), smooth on both sides of 0.
///
/// Error: 2.87 ULP fused, 2.87 not; for subnormal results 0.76 and 0.76.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn softplus<V: Lanes>(x: V) -> V {
    let e = exp_up_to_89(-x.abs());
    // ln(1 + e) = 2 artanh(s / 2) with s = e / (1 + e / 2).
    let s = e / e.mul_add(x.splat(0.5), x.splat(1.0));
    let square = s * s;
    x.max(x.splat(0.0)) + (short_polynomial(square, ARTANH) * square).mul_add(s, s)
}

/// The error function, 1 − e⁻ᵘ with u = −ln(1 − erf |x|), where u is close to a polynomial. It is odd and never beyond ±1.
///
/// Error: 2.28 ULP fused, 2.47 not; for subnormal results 0.83 and 0.83.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn erf<V: Lanes>(x: V) -> V {
    // From 3.92 on, the nearest float is 1.
    let z = x.abs().min(x.splat(3.95));
    let u = polynomial(z, ERF).mul_add(z, z);
    let (r, n) = reduce(-u, 127.0);
    copy_sign(exp_m1_scaled(r, n), x)
}

/// The density of the standard normal distribution, e^(−x²/2) / √2π.
///
/// Error: 2.18 ULP fused, 2.19 not; for subnormal results 1.40 and 1.40.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn normal_density<V: Lanes>(x: V) -> V {
    let z = x.abs().min(x.splat(15.0));
    // x² = h² + (x − h) (x + h), where h has the upper half of the digits of x, so that h² is exact.
    let h = V::from_bits(z.to_bits() & x.bits(0xffff_f000));
    let (r, n) = reduce(h * h * x.splat(-0.5), 254.0);
    let r = ((z - h) * (z + h)).mul_add(x.splat(-0.5), r);
    scale((exp_m1_small(r) + x.splat(1.0)) * x.splat(0.398_942_3), n)
}

/// 1 / √x, from a correctly rounded root and quotient; ±∞ at ±0, NaN for negative x.
///
/// Error: 1.50 ULP fused, 1.50 not.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn reciprocal_sqrt<V: Lanes>(x: V) -> V {
    x.splat(1.0) / x.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tanh_has_the_same_bits_without_fpu() {
        if crate::kernels::lanes::FUSED {
            return;
        }
        for bits in (0..=u32::MAX).step_by(4099) {
            let x = f32::from_bits(bits);
            let (with, without) = (tanh(x), tanh_without_fpu(x));
            assert!(
                with.to_bits() == without.to_bits() || (with.is_nan() && without.is_nan()),
                "{x:e}: {with:e}, {without:e}"
            );
        }
    }
}
