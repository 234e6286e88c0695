//! Elementary functions, once over [`Lanes`]: the same bits at every width.
//!
//! Only `+ − × ÷ √`, multiply-add, comparisons and bit patterns are used. Not-a-number goes in and comes out.
//! Errors are the largest seen against f64 over a dense sweep of all floats (`tests/math.rs` holds the table).

use super::Lanes;

/// Adding this to |x| < 2²² and subtracting it again rounds x to the nearest integer.
const ROUND: f32 = 12_582_912.0;
/// ln 2 in two parts, the first with trailing zeros (Cephes, `expf.c`).
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// Horner's scheme, highest power first.
#[inline(always)]
fn polynomial<V: Lanes, const N: usize>(x: V, coefficients: [f32; N]) -> V {
    let mut sum = V::splat(coefficients[0]);
    for c in &coefficients[1..] {
        sum = sum.mul_add(x, V::splat(*c));
    }
    sum
}

/// eʳ − 1 for |r| ≤ ln 2 / 2 (Cephes, `expf.c`).
#[inline(always)]
fn exp_m1_small<V: Lanes>(r: V) -> V {
    let p = polynomial(r, [1.381_460_2e-3, 8.368_716e-3, 4.166_839e-2, 1.666_652_1e-1, 4.999_999_4e-1]);
    (p * r).mul_add(r, r)
}

/// `x − n · ln 2`.
#[inline(always)]
fn minus_ln_2<V: Lanes>(x: V, n: V) -> V {
    n.mul_add(V::splat(-LN_2_LOW), n.mul_add(V::splat(-LN_2_HIGH), x))
}

/// eˣ; 0 below −104, ∞ above 88.73, subnormals between are right.
#[inline(always)]
pub fn exp<V: Lanes>(x: V) -> V {
    exp_up_to_89(x.min(V::splat(89.0)))
}

/// eˣ for x ≤ 89 or NaN.
#[inline(always)]
fn exp_up_to_89<V: Lanes>(x: V) -> V {
    const BIAS: f32 = ROUND + 2.0 * 127.0;
    let x = x.max(V::splat(-104.0));
    // x = n · ln 2 + r. The low bits of `shifted` are n + 254, which is shared out as the exponents of two factors 2ⁿ, for
    // one alone may leave the range of normal numbers.
    let shifted = x.mul_add(V::splat(core::f32::consts::LOG2_E), V::splat(BIAS));
    let r = minus_ln_2(x, shifted - V::splat(BIAS));
    let p = polynomial(r, [1.381_460_2e-3, 8.368_716e-3, 4.166_839e-2, 1.666_652_1e-1, 4.999_999_4e-1, 1.0, 1.0]);
    let exponent = shifted.to_bits();
    let half = exponent >> 1;
    p * V::from_bits(half << 23) * V::from_bits((exponent - half) << 23)
}

/// eˣ − 1, exact to the last places near 0.
#[inline(always)]
pub fn exp_m1<V: Lanes>(x: V) -> V {
    const BIAS: f32 = ROUND + 127.0;
    let z = x.max(V::splat(-18.0)).min(V::splat(88.0));
    let shifted = z.mul_add(V::splat(core::f32::consts::LOG2_E), V::splat(BIAS));
    let p = exp_m1_small(minus_ln_2(z, shifted - V::splat(BIAS)));
    let scale = V::from_bits(shifted.to_bits() << 23);
    let y = scale.mul_add(p, scale - V::splat(1.0));
    V::splat(88.0).if_less(x, exp(x), y)
}

/// Natural logarithm, polynomial of Cephes' `logf.c`; −∞ at 0, NaN below.
#[inline(always)]
pub fn ln<V: Lanes>(x: V) -> V {
    let tiny = V::splat(f32::MIN_POSITIVE);
    let normal = x.if_less(tiny, x * V::splat(8_388_608.0), x);
    let lift = x.if_less(tiny, V::splat(23.0), V::splat(0.0));
    // Exponent and mantissa, the mantissa in [√½, √2).
    let bits = normal.abs().to_bits() + V::bits(0x3f80_0000 - 0x3f35_04f3);
    let exponent = V::from_bits((bits >> 23) | V::bits(0x4b00_0000)) - V::splat(8_388_608.0 + 127.0) - lift;
    let r = V::from_bits((bits & V::bits(0x007f_ffff)) + V::bits(0x3f35_04f3)) - V::splat(1.0);
    let p = polynomial(
        r,
        [
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ],
    );
    let square = r * r;
    let tail = exponent.mul_add(V::splat(LN_2_LOW), p * r * square);
    let y = exponent.mul_add(V::splat(LN_2_HIGH), square.mul_add(V::splat(-0.5), tail) + r);
    // What lies outside the positive finite numbers; ∞ and NaN fail the last comparison and stay what they are.
    let y = x.if_less(V::splat(0.0), V::splat(f32::NAN), y);
    let y = x.abs().if_less(V::splat(f32::from_bits(1)), V::splat(f32::NEG_INFINITY), y);
    x.if_less(V::splat(f32::INFINITY), y, x)
}

/// ln(1 + x) for 0 ≤ x.
#[inline(always)]
pub fn ln_1p<V: Lanes>(x: V) -> V {
    let one_x = V::splat(1.0) + x;
    // What rounding took from 1 + x, to first order.
    let lost = (x - (one_x - V::splat(1.0))) / one_x;
    x.if_less(V::splat(f32::INFINITY), ln(one_x) + lost, x)
}

/// Hyperbolic tangent: Eigen's rational function (`MathFunctionsImpl.h`, `ptanh_float`), odd over even.
#[inline(always)]
pub fn tanh<V: Lanes>(x: V) -> V {
    let limit = V::splat(7.905_311);
    let z = x.max(-limit).min(limit);
    let square = z * z;
    let p = polynomial(
        square,
        [-2.760_768_5e-16, 2.000_188e-13, -8.604_672e-11, 5.122_297e-8, 1.485_722_4e-5, 6.372_619e-4, 4.893_524_6e-3],
    );
    let q = polynomial(square, [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_6e-3, 4.893_525e-3]);
    x.abs().if_less(V::splat(4e-4), x, z * p / q)
}

/// 1 / (1 + e⁻ˣ) as eˣ / (1 + eˣ), which has no cliff: at −100 it is e⁻¹⁰⁰, a subnormal.
#[inline(always)]
pub fn sigmoid<V: Lanes>(x: V) -> V {
    // From 88 on the quotient is 1.
    let e = exp_up_to_89(x.min(V::splat(88.0)));
    e / (V::splat(1.0) + e)
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|).
#[inline(always)]
pub fn softplus<V: Lanes>(x: V) -> V {
    x.max(V::splat(0.0)) + ln_1p(exp_up_to_89(-x.abs()))
}

/// The error function: rational function of Eigen and XLA (`generic_fast_erf_float`), odd over even.
#[inline(always)]
pub fn erf<V: Lanes>(x: V) -> V {
    let z = x.max(V::splat(-4.0)).min(V::splat(4.0));
    let square = z * z;
    let p = polynomial(
        square,
        [
            -2.726_142_3e-10,
            2.770_681_3e-8,
            -2.101_024e-6,
            -5.692_506_4e-5,
            -7.349_906_5e-4,
            -2.954_6e-3,
            -1.609_603_3e-2,
        ],
    );
    let q = polynomial(square, [-1.456_607_2e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_473_9e-2]);
    // Beyond ±3.92 the nearest float is ±1 itself: GELU multiplies what is left of it by x.
    let y = x.if_less(V::splat(-3.92), V::splat(-1.0), z * p / q);
    V::splat(3.92).if_less(x, V::splat(1.0), y)
}

/// Density of the standard normal distribution, e^(−x²/2) / √2π.
#[inline(always)]
pub fn normal_density<V: Lanes>(x: V) -> V {
    exp_up_to_89(x * x * V::splat(-0.5)) * V::splat(0.398_942_3)
}
