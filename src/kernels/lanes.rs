//! Vectors of floats of several widths; `f32` is the case of one lane.

use super::machine::{Build, Machine};
use super::written_out;
use core::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Shl, Shr, Sub};
use wide::{f32x4, f32x8, f32x16, u32x4, u32x8, u32x16};

/// Number of lanes of the widest vector that this build has registers for; 1 on microcontrollers.
pub const NATIVE: usize = if cfg!(target_feature = "avx512f") {
    16
} else if cfg!(target_feature = "avx") {
    8
} else if cfg!(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128")) {
    4
} else {
    1
};

/// Whether multiply-add rounds once. It does if the target has the instruction, unless the feature `strict` forbids it.
pub const FUSED: bool = cfg!(all(
    not(feature = "strict"),
    any(target_feature = "fma", all(target_arch = "aarch64", target_feature = "neon"))
));

/// On x86, `maxps a, b` is `if a > b { a } else { b }`, which defines the result for NaN and ±0. Elsewhere a comparison is
/// needed.
const X86: bool = cfg!(any(target_arch = "x86", target_arch = "x86_64"));

/// A vector of `f32`. Activations and optimisers are written in it, once for every width.
///
/// Implemented for `f32`, vectors of 4, 8 and 16 of them, and four of them on machines without vectors. All of them compute the same bits.
///
/// ```
/// use baregrad::Lanes;
///
/// fn square_plus_one<V: Lanes>(x: V) -> V {
///     x.mul_add(x, x.splat(1.0))
/// }
/// assert_eq!(square_plus_one(3.0_f32), 10.0);
/// ```
pub trait Lanes:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + sealed::Sealed
    + 'static
{
    /// Number of lanes.
    const LANES: usize;
    /// The machine that has these vectors.
    #[doc(hidden)]
    type Machine: Machine;
    /// A vector of as many `u32`.
    type Bits: Copy
        + Add<Output = Self::Bits>
        + Sub<Output = Self::Bits>
        + BitAnd<Output = Self::Bits>
        + BitOr<Output = Self::Bits>
        + Shl<u32, Output = Self::Bits>
        + Shr<u32, Output = Self::Bits>;
    /// The machine of this vector.
    #[doc(hidden)]
    fn machine(self) -> Self::Machine;
    /// The same value in every lane.
    #[doc(hidden)]
    fn broadcast(machine: Self::Machine, value: f32) -> Self;
    /// The first `LANES` values; a shorter slice is filled up with zeros.
    #[doc(hidden)]
    fn load(machine: Self::Machine, values: &[f32]) -> Self;
    /// A vector like `self` with the same value in every lane.
    #[inline(always)]
    fn splat(self, value: f32) -> Self {
        Self::broadcast(self.machine(), value)
    }
    /// Writes the lanes to the front of `out`; lanes that do not fit a shorter slice are dropped.
    fn store(self, out: &mut [f32]);
    /// `self · a + b`, rounded once if the machine fuses them, otherwise twice.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// `b − self · a`, rounded once if the machine fuses them, otherwise twice.
    #[inline(always)]
    fn neg_mul_add(self, a: Self, b: Self) -> Self {
        // Without fusion, a difference saves the negation.
        if const { Self::Machine::FUSED } { (-self).mul_add(a, b) } else { b - self * a }
    }
    /// The square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// The absolute values.
    fn abs(self) -> Self;
    /// `if self < limit { yes } else { no }`, lane by lane; `no` if `self` or `limit` is NaN.
    fn if_less(self, limit: Self, yes: Self, no: Self) -> Self;
    /// `if self < limit { 0 } else { value }`, lane by lane, in fewer instructions than [`if_less`](Lanes::if_less).
    fn zero_if_less(self, limit: Self, value: Self) -> Self;
    /// `if self < limit { value } else { 0 }`, lane by lane, in fewer instructions than [`if_less`](Lanes::if_less).
    fn value_if_less(self, limit: Self, value: Self) -> Self;
    /// The bit patterns of the lanes.
    fn to_bits(self) -> Self::Bits;
    /// The floats with these bit patterns.
    fn from_bits(bits: Self::Bits) -> Self;
    /// The same bit pattern in every lane of a vector like `self`.
    fn bits(self, pattern: u32) -> Self::Bits;

    /// The larger of two values, lane by lane; `self` if either is NaN.
    fn max(self, other: Self) -> Self;
    /// The smaller of two values, lane by lane; `self` if either is NaN.
    fn min(self, other: Self) -> Self;
}

mod sealed {
    pub trait Sealed {}
}
pub(super) use sealed::Sealed;

impl Sealed for f32 {}

impl Lanes for f32 {
    const LANES: usize = 1;
    type Machine = Build;
    type Bits = u32;
    #[inline(always)]
    fn machine(self) -> Build {
        Build
    }
    #[inline(always)]
    fn broadcast(_: Build, value: f32) -> Self {
        value
    }
    #[inline(always)]
    fn load(_: Build, values: &[f32]) -> Self {
        values.first().copied().unwrap_or(0.0)
    }
    #[inline(always)]
    fn store(self, out: &mut [f32]) {
        if let Some(out) = out.first_mut() {
            *out = self;
        }
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        if FUSED {
            // Safe code reaches the fused instruction only through a vector.
            f32x4::new([self, 0.0, 0.0, 0.0])
                .mul_add(f32x4::new([a, 0.0, 0.0, 0.0]), f32x4::new([b, 0.0, 0.0, 0.0]))
                .as_array()[0]
        } else {
            self * a + b
        }
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        super::sqrt::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        f32::abs(self)
    }
    #[inline(always)]
    fn if_less(self, limit: Self, yes: Self, no: Self) -> Self {
        if self < limit { yes } else { no }
    }
    #[inline(always)]
    fn zero_if_less(self, limit: Self, value: Self) -> Self {
        if self < limit { 0.0 } else { value }
    }
    #[inline(always)]
    fn value_if_less(self, limit: Self, value: Self) -> Self {
        if self < limit { value } else { 0.0 }
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self < other { other } else { self }
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }
    #[inline(always)]
    fn to_bits(self) -> u32 {
        f32::to_bits(self)
    }
    #[inline(always)]
    fn from_bits(bits: u32) -> Self {
        f32::from_bits(bits)
    }
    #[inline(always)]
    fn bits(self, pattern: u32) -> u32 {
        pattern
    }
}

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

/// Adds the products of vectors with the same number.
#[inline(always)]
pub(super) fn add_products<V: Lanes, const N: usize>(a: &[V; N], b: &[V; N], sums: &mut [V; N]) {
    written_out!(n in N {
        sums[n] = a[n].mul_add(b[n], sums[n]);
    });
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
