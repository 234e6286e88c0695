//! Vectors of floats of several widths; `f32` is the case of one lane. The others are in `vectors`.

use super::machine::{Build, Machine};
use super::written_out;
use core::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Shl, Shr, Sub};

/// Number of lanes of the widest vector that this build has registers for; 1 on microcontrollers.
pub const NATIVE: usize = if cfg!(target_feature = "avx512f") {
    16
} else if cfg!(target_feature = "avx") {
    8
} else if cfg!(all(vectors, any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128"))) {
    4
} else {
    1
};

/// Whether multiply-add rounds once. It does if the target has the instruction, unless the feature `strict` forbids it.
pub const FUSED: bool = cfg!(all(
    not(feature = "strict"),
    any(target_feature = "fma", all(target_arch = "aarch64", target_feature = "neon"))
));

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
        // Safe code reaches the fused instruction only through a vector.
        if FUSED {
            let [x, a, b] = [self, a, b].map(|x| Narrow::load(Build, &[x, 0.0, 0.0, 0.0]));
            of_narrow(x.mul_add(a, b))[0]
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

/// The narrowest vectors of the build.
pub(super) type Narrow = <Build as Machine>::V4;

/// Their lanes.
#[inline(always)]
pub(super) fn of_narrow(vector: Narrow) -> [f32; 4] {
    let mut lanes = [0.0; 4];
    vector.store(&mut lanes);
    lanes
}

/// The columns of a square. Without vectors, no product asks for them.
#[inline(always)]
pub(super) fn columns(rows: [Narrow; 4]) -> [Narrow; 4] {
    #[cfg(vectors)]
    return wide::f32x4::transpose(rows);
    #[cfg(not(vectors))]
    core::array::from_fn(|column| Narrow::load(Build, &rows.map(|row| of_narrow(row)[column])))
}

/// Adds the product of each vector with `x`.
#[inline(always)]
pub(super) fn add_multiples<V: Lanes, const N: usize>(x: V, vectors: &[V; N], sums: &mut [V; N]) {
    written_out!(n in N {
        sums[n] = x.mul_add(vectors[n], sums[n]);
    });
}

/// Adds the products of vectors with the same number.
#[inline(always)]
pub(super) fn add_products<V: Lanes, const N: usize>(a: &[V; N], b: &[V; N], sums: &mut [V; N]) {
    written_out!(n in N {
        sums[n] = a[n].mul_add(b[n], sums[n]);
    });
}
