//! The square root that optimisers use.

use super::lanes::NATIVE;
use super::{Lanes, sqrt};

/// Whether floats are computed by an FPU without vectors, as on Cortex-M4F.
///
/// `cfg` does not show RISC-V's extension F, but shows Zicsr, which F requires.
pub const FPU: bool = NATIVE == 1
    && cfg!(any(
        all(target_arch = "arm", target_abi = "eabihf"),
        all(target_arch = "riscv32", target_feature = "zicsr")
    ));

/// Whether each operation on floats is a call of about a hundred instructions.
pub const SOFT: bool = NATIVE == 1 && !FPU && cfg!(any(target_arch = "arm", target_arch = "riscv32"));

/// Whether [`root`] may be less than correctly rounded: with an FPU, unless the feature `strict` forbids it.
///
/// Safe code cannot use the FPU's square root, and a correctly rounded root in software takes half of a training step.
pub const IN_HARDWARE: bool = FPU && cfg!(not(feature = "strict"));

/// √x for x from 0 to the largest float: correctly rounded, or with a relative error of 5e-6 if [`IN_HARDWARE`].
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn root<V: Lanes>(x: V) -> V {
    if const { IN_HARDWARE && !sqrt::INSTRUCTION } { newton(x) } else { x.sqrt() }
}

/// x · (1/√x), from a first guess by Lomont (2003) and two steps of Newton's method.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn newton<V: Lanes>(x: V) -> V {
    let half = x * x.splat(0.5);
    let mut y = V::from_bits(x.bits(0x5f37_5a86) - (x.to_bits() >> 1));
    for _ in 0..2 {
        y = y * (x.splat(1.5) - half * y * y);
    }
    x * y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newton_is_close() {
        assert_eq!(newton(0.0_f32), 0.0);
        for pattern in (f32::MIN_POSITIVE.to_bits()..f32::INFINITY.to_bits()).step_by(9973) {
            let x = f32::from_bits(pattern);
            let error = newton(x) / libm::sqrtf(x) - 1.0;
            assert!(error.abs() < 5e-6, "{x}: {error}");
        }
    }
}
