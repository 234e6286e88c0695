//! The square root of one number, correctly rounded.

use super::lanes::NATIVE;
use super::root::FPU;
use wide::f32x4;

/// Whether there is an instruction for it at one lane.
pub const INSTRUCTION: bool = FPU && cfg!(all(feature = "hardware-sqrt", target_os = "none"));

/// √x
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    if NATIVE > 1 {
        // The instruction is in reach of safe code through a vector only.
        return f32x4::splat(x).sqrt().as_array()[0];
    }
    root_of_one(x)
}

#[cfg(not(all(feature = "hardware-sqrt", target_os = "none")))]
use libm::sqrtf as root_of_one;
#[cfg(all(feature = "hardware-sqrt", target_os = "none"))]
use named::sqrtf as root_of_one;

/// The crate's only unsafe code is a name.
#[cfg(all(feature = "hardware-sqrt", target_os = "none"))]
mod named {
    /// The C library's function. The compiler knows it by this name, and puts the instruction in its place where there is one.
    // Unsafe is that the program may have another function of that name, which the linker would complain of.
    #[allow(unsafe_code)]
    #[unsafe(no_mangle)]
    #[inline(never)]
    pub extern "C" fn sqrtf(x: f32) -> f32 {
        libm::sqrtf(x)
    }
}
