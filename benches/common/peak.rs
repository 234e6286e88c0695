//! The machine's multiply-adds a second: what no kernel can exceed.

use baregrad::Lanes;
use std::hint::black_box;

#[cfg(target_feature = "avx512f")]
type Widest = wide::f32x16;
#[cfg(all(target_feature = "avx", not(target_feature = "avx512f")))]
type Widest = wide::f32x8;
#[cfg(not(target_feature = "avx"))]
type Widest = wide::f32x4;

/// Enough for two pipes of latency 4 and few enough for 16 registers.
const CHAINS: usize = 12;
const STEPS: usize = 1000;
/// Floating-point operations of one call of [`multiply_adds`].
pub const FLOPS: f64 = (2 * STEPS * CHAINS * Widest::LANES) as f64;

/// Independent chains of multiply-adds in registers, in the widest vectors of the build.
pub fn multiply_adds() {
    let (a, b) = (black_box(Widest::splat(0.999)), black_box(Widest::splat(1e-3)));
    let mut chains = [black_box(Widest::splat(1.0)); CHAINS];
    for _ in 0..STEPS {
        for chain in &mut chains {
            *chain = Lanes::mul_add(*chain, a, b);
        }
    }
    black_box(chains);
}
