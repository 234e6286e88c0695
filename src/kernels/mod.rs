//! Loops on slices, written once over [`Lanes`]. They know nothing of layers.
//!
//! Every sum has one documented order, which depends on shapes alone: not on the number of lanes, the size of the batch, or
//! the target.

pub mod batch_norm;
pub mod channels;
pub mod compensated;
pub mod elementwise;
pub mod lanes;
pub mod math;
pub mod matmul;
pub mod norm;
pub mod reduce;
pub mod root;
pub mod softmax;
pub(crate) mod sqrt;
pub mod update;

pub use lanes::Lanes;

/// Keeps the compiler from unrolling the loop that calls it: on targets without vectors, code size matters.
#[inline(always)]
pub(crate) fn no_unrolling() {
    if lanes::NATIVE == 1 {
        core::hint::black_box(());
    }
}

/// Hides a value from the compiler on targets without vectors. For a count, the compiler then makes no copy of a loop per
/// known count; for a struct, it keeps one address in a register instead of computing each field's address.
#[inline(always)]
pub(crate) fn opaque<T>(value: T) -> T {
    if lanes::NATIVE == 1 { core::hint::black_box(value) } else { value }
}

#[cfg(test)]
pub(crate) mod widths;
