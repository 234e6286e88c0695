//! The square root of one number, correctly rounded.

use super::Lanes;
use super::lanes::{NATIVE, Narrow, of_narrow};
use super::machine::Build;
use super::root::FPU;

/// Whether this build has an instruction for the root of a single float.
pub const INSTRUCTION: bool = FPU && cfg!(all(feature = "hardware-sqrt", target_os = "none"));

/// √x
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    if NATIVE > 1 {
        // Safe code reaches the instruction only through a vector.
        return of_narrow(Narrow::broadcast(Build, x).sqrt())[0];
    }
    if INSTRUCTION { instruction::one(x) } else { libm::sqrtf(x) }
}

/// The roots of four numbers.
#[inline(always)]
pub fn four([a, b, c, d]: [f32; 4]) -> [f32; 4] {
    if INSTRUCTION {
        let (instruction::Two(a, b), instruction::Two(c, d)) = (instruction::two(a, b), instruction::two(c, d));
        return [a, b, c, d];
    }
    [sqrt(a), sqrt(b), sqrt(c), sqrt(d)]
}

/// What uses the instruction.
///
/// The compiler replaces calls of `sqrtf` by the instruction. Because a C library's `sqrtf` may set `errno`, it adds a test and
/// a call, unless it sees from the body that there is no such effect. It sees the body in this module alone, whatever the
/// profile. So what calls `sqrtf` is here, and is not generic.
pub mod instruction {
    use crate::kernels::update::{Adam, Gradient, one_lane};

    /// √x, bit by bit. Only code that is not part of this module ever runs it.
    // The name is the crate's only unsafe code: the program may have another function of this name. The linker would report it.
    #[cfg_attr(all(feature = "hardware-sqrt", target_os = "none"), allow(unsafe_code))]
    #[cfg_attr(all(feature = "hardware-sqrt", target_os = "none"), unsafe(no_mangle))]
    #[inline(never)]
    pub extern "C" fn sqrtf(x: f32) -> f32 {
        if x < f32::MIN_POSITIVE && x > 0.0 {
            // Subnormal: the root of 2²⁴ is exact.
            return sqrtf(x * 16_777_216.0) * (1.0 / 4096.0);
        }
        if !(x > 0.0 && x < f32::INFINITY) {
            return if x < 0.0 { f32::NAN } else { x };
        }
        // A square times a power of 4. Its root has 25 bits.
        let (exponent, mantissa) = (x.to_bits() >> 23, (x.to_bits() & 0x007f_ffff) | 0x0080_0000);
        let odd = exponent & 1;
        let square = u64::from(mantissa) << (26 - odd);
        let mut root = 0_u64;
        for bit in (0..25).rev() {
            let longer = root | (1 << bit);
            if longer * longer <= square {
                root = longer;
            }
        }
        // Rounded to 24 bits; the root of a float never lies halfway between two floats.
        f32::from_bits((((exponent + odd + 124) / 2) << 23) + ((root as u32 + 1) >> 1))
    }

    /// One root.
    pub extern "C" fn one(x: f32) -> f32 {
        sqrtf(x)
    }

    /// Two floats. C's calling conventions return them in registers.
    #[repr(C)]
    pub struct Two(pub f32, pub f32);

    /// Two roots.
    pub extern "C" fn two(a: f32, b: f32) -> Two {
        Two(sqrtf(a), sqrtf(b))
    }

    /// A pass of Adam.
    #[inline(never)]
    pub fn adam(rule: &Adam, w: &mut [f32], gradient: Gradient<'_>, moments: &mut [Option<&mut [f32]>; 2]) {
        one_lane::pass(rule, w, gradient, moments);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bits_are_those_of_the_instruction() {
        for bits in (0..=u32::MAX).step_by(997).chain([0, 1, 0x8000_0000, 0x7f80_0000, 0xff80_0000, 0x007f_ffff]) {
            let x = f32::from_bits(bits);
            let (root, want) = (super::instruction::sqrtf(x), x.sqrt());
            assert!(root.to_bits() == want.to_bits() || (root.is_nan() && want.is_nan()), "{x:e}: {root:e}, {want:e}");
        }
    }
}
