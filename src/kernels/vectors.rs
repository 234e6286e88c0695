//! The vectors of `wide`, on processors that may have any.

use super::Lanes;
use super::lanes::{FUSED, Sealed};
use super::machine::Build;
use wide::{f32x4, f32x8, f32x16, u32x4, u32x8, u32x16};

/// On x86, `maxps a, b` is `if a > b { a } else { b }`, which defines the result for NaN and ±0. Elsewhere a comparison is
/// needed.
const X86: bool = cfg!(any(target_arch = "x86", target_arch = "x86_64"));

#[rustfmt::skip]
macro_rules! lanes {
    ($vector:ident, $bits:ident, $lanes:literal, $first:ident) => {
        const LANES: usize = $lanes; type Machine = Build; type Bits = $bits;
        #[inline(always)] fn machine(self) -> Build { Build } #[inline(always)] fn broadcast(_: Build, value: f32) -> Self { $vector::splat(value) }
        #[inline(always)] fn load(_: Build, values: &[f32]) -> Self { $vector::new($first(values)) }
        #[inline(always)] fn store(self, out: &mut [f32]) { write(self.as_array(), out); }
        #[inline(always)] fn mul_add(self, a: Self, b: Self) -> Self { if FUSED { self.mul_add(a, b) } else { self * a + b } }
        #[inline(always)] fn sqrt(self) -> Self { self.sqrt() } #[inline(always)] fn abs(self) -> Self { self.abs() }
        #[inline(always)] fn if_less(self, limit: Self, yes: Self, no: Self) -> Self { self.simd_lt(limit).select(yes, no) }
        #[inline(always)] fn zero_if_less(self, limit: Self, value: Self) -> Self { !self.simd_lt(limit) & value }
        #[inline(always)] fn value_if_less(self, limit: Self, value: Self) -> Self { self.simd_lt(limit) & value }
        #[inline(always)] fn max(self, other: Self) -> Self { if X86 { other.fast_max(self) } else { self.if_less(other, other, self) } }
        #[inline(always)] fn min(self, other: Self) -> Self { if X86 { other.fast_min(self) } else { other.if_less(self, other, self) } }
        #[inline(always)] fn to_bits(self) -> $bits { self.to_bits() } #[inline(always)] fn from_bits(bits: $bits) -> Self { $vector::from_bits(bits) }
        #[inline(always)] fn bits(self, pattern: u32) -> $bits { $bits::splat(pattern) }
    };
}

impl Sealed for f32x4 {}
impl Sealed for f32x8 {}
impl Sealed for f32x16 {}

impl Lanes for f32x4 {
    lanes!(f32x4, u32x4, 4, first_of_4);
}
impl Lanes for f32x8 {
    lanes!(f32x8, u32x8, 8, first_of_8);
}
impl Lanes for f32x16 {
    lanes!(f32x16, u32x16, 16, first_of_16);
}

/// The first 4 values, filled up with zeros. They are read one by one: if they have just been stored one by one, the
/// compiler still has them in registers, whereas a vector load would have to wait until the stores have reached the cache.
#[inline(always)]
pub(super) fn first_of_4(values: &[f32]) -> [f32; 4] {
    match *values {
        [] => [0.0; 4],
        [a] => [a, 0.0, 0.0, 0.0],
        [a, b] => [a, b, 0.0, 0.0],
        [a, b, c] => [a, b, c, 0.0],
        [a, b, c, d, ..] => [a, b, c, d],
    }
}

/// The first 8 values, filled up with zeros. They are put together in registers: a vector load of an array that has just been
/// filled by parts would have to wait.
#[inline(always)]
pub(super) fn first_of_8(values: &[f32]) -> [f32; 8] {
    match (values.first_chunk(), values.split_at_checked(4)) {
        (Some(full), _) => *full,
        (_, Some((low, high))) => join(first_of_4(low), first_of_4(high)),
        _ => join(first_of_4(values), [0.0; 4]),
    }
}

/// The first 16 values, filled up with zeros.
#[inline(always)]
pub(super) fn first_of_16(values: &[f32]) -> [f32; 16] {
    match (values.first_chunk(), values.split_at_checked(8)) {
        (Some(full), _) => *full,
        (_, Some((low, high))) => join(first_of_8(low), first_of_8(high)),
        _ => join(first_of_8(values), [0.0; 8]),
    }
}

/// Two halves as one array.
#[inline(always)]
fn join<const H: usize, const N: usize>(low: [f32; H], high: [f32; H]) -> [f32; N] {
    [low, high].as_flattened().first_chunk().copied().unwrap_or([0.0; N])
}

/// Writes as many lanes as fit: all, or parts of half as many each.
#[inline(always)]
pub(super) fn write<const N: usize>(lanes: &[f32; N], out: &mut [f32]) {
    if let Some(full) = out.first_chunk_mut::<N>() {
        *full = *lanes;
        return;
    }
    let (mut lanes, mut out) = (&lanes[..], out);
    let mut half = N;
    while half > 1 {
        half /= 2;
        if out.len() >= half {
            let (low, high) = core::mem::take(&mut out).split_at_mut_checked(half).unwrap_or_default();
            let (l, h) = lanes.split_at_checked(half).unwrap_or_default();
            low.iter_mut().zip(l).for_each(|(out, lane)| *out = *lane);
            (lanes, out) = (h, high);
        }
    }
}
