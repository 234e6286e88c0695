//! The square root of one number, correctly rounded.

use super::lanes::NATIVE;
use super::root::FPU;
use wide::f32x4;

/// Whether this build has an instruction for the root of a single float.
pub const INSTRUCTION: bool = FPU && cfg!(all(feature = "hardware-sqrt", target_os = "none"));

/// √x
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    if NATIVE > 1 {
        // Safe code reaches the instruction only through a vector.
        return f32x4::splat(x).sqrt().as_array()[0];
    }
    root_of_one(x)
}

#[cfg(not(all(feature = "hardware-sqrt", target_os = "none")))]
use libm::sqrtf as root_of_one;
#[cfg(all(feature = "hardware-sqrt", target_os = "none"))]
use named::sqrtf as root_of_one;

/// The crate's only unsafe code: the name of a function.
#[cfg(all(feature = "hardware-sqrt", target_os = "none"))]
mod named {
    /// The C library's function. The compiler knows it by this name, and replaces calls by the instruction if there is one.
    // The attribute is unsafe because the program may have another function of this name; the linker would report it.
    #[allow(unsafe_code)]
    #[unsafe(no_mangle)]
    #[inline(never)]
    pub extern "C" fn sqrtf(x: f32) -> f32 {
        libm::sqrtf(x)
    }
}
