//! AVX2 and AVX-512 in a build that does not presuppose them.
//!
//! The vectors are those of `fearless_simd`. Each carries a proof that the processor has its instructions.

use super::Lanes;
use super::lanes::{NATIVE, Sealed};
use super::machine::{Build, Machine};
use super::vectors::{first_of_4, first_of_8, first_of_16, write};
use fearless_simd::{Avx2, Avx512, prelude::*};
use fearless_simd::{f32x4, f32x8, f32x16, u32x4, u32x8, u32x16};
use std::sync::OnceLock;

/// The machine that kernels choose.
#[derive(Clone, Copy)]
pub enum Level {
    /// 512-bit vectors, of the generation of Ice Lake and Zen 4.
    Avx512(Avx512),
    /// 256-bit vectors, with multiply-add.
    Avx2(Avx2),
    /// What the build is for.
    Build(Build),
}

/// The level at hand. The first call asks the processor and the environment variable `BAREGRAD_SIMD`.
#[inline]
pub fn level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    if const { NATIVE == 16 } { Level::Build(Build) } else { *LEVEL.get_or_init(detect) }
}

#[cold]
fn detect() -> Level {
    let (found, most) = (fearless_simd::Level::new(), std::env::var("BAREGRAD_SIMD").unwrap_or_default());
    match (found.as_avx512(), found.as_avx2(), most.as_str()) {
        (_, _, "build") => Level::Build(Build),
        (Some(machine), _, most) if most != "avx2" => Level::Avx512(machine),
        (_, Some(machine), _) if NATIVE < 8 => Level::Avx2(machine),
        _ => Level::Build(Build),
    }
}

macro_rules! machine {
    ($machine:ident, $name:literal, $lanes:literal) => {
        impl Machine for $machine {
            const NAME: &'static str = $name;
            const LANES: usize = $lanes;
            const FUSED: bool = cfg!(not(feature = "strict"));
            type V4 = f32x4<Self>;
            type V8 = f32x8<Self>;
            type V16 = f32x16<Self>;
            #[inline(always)]
            fn run<R>(self, work: impl FnOnce() -> R) -> R {
                self.vectorize(work)
            }
        }
    };
}
machine!(Avx2, "avx2", 8);
machine!(Avx512, "avx512", 16);

// The second argument of `max` and `min` is the result for NaN, as in the instructions.
#[rustfmt::skip]
macro_rules! lanes {
    ($vector:ident, $bits:ident, $lanes:literal, $first:ident) => {
        impl<S: Machine + Simd> Sealed for $vector<S> {} impl<S: Machine + Simd> Lanes for $vector<S> {
            const LANES: usize = $lanes; type Machine = S; type Bits = $bits<S>; #[inline(always)] fn machine(self) -> S { self.simd }
            #[inline(always)] fn broadcast(machine: S, value: f32) -> Self { <Self as SimdBase<S>>::splat(machine, value) }
            #[inline(always)] fn load(machine: S, values: &[f32]) -> Self { SimdFrom::simd_from(machine, $first(values)) }
            #[inline(always)] fn store(self, out: &mut [f32]) { write(&self.into(), out); }
            #[inline(always)] fn mul_add(self, a: Self, b: Self) -> Self { if S::FUSED { SimdFloat::mul_add(self, a, b) } else { self * a + b } }
            #[inline(always)] fn sqrt(self) -> Self { SimdFloat::sqrt(self) } #[inline(always)] fn abs(self) -> Self { SimdBase::abs(self) } #[inline(always)] fn if_less(self, limit: Self, yes: Self, no: Self) -> Self { SimdBase::simd_lt(self, limit).select(yes, no) }
            #[inline(always)] fn zero_if_less(self, limit: Self, value: Self) -> Self { self.if_less(limit, self.splat(0.0), value) }
            #[inline(always)] fn value_if_less(self, limit: Self, value: Self) -> Self { self.if_less(limit, value, self.splat(0.0)) }
            #[inline(always)] fn max(self, other: Self) -> Self { SimdBase::max(other, self) } #[inline(always)] fn min(self, other: Self) -> Self { SimdBase::min(other, self) }
            #[inline(always)] fn to_bits(self) -> $bits<S> { self.bitcast() } #[inline(always)] fn from_bits(bits: $bits<S>) -> Self { bits.bitcast() }
            #[inline(always)] fn bits(self, pattern: u32) -> $bits<S> { <$bits<S> as SimdBase<S>>::splat(self.simd, pattern) }
        }
    };
}
lanes!(f32x4, u32x4, 4, first_of_4);
lanes!(f32x8, u32x8, 8, first_of_8);
lanes!(f32x16, u32x16, 16, first_of_16);
