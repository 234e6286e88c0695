//! Loops on slices, written once over [`Lanes`]. Nothing here knows of layers.
//!
//! Every sum has one documented order, which depends on shapes alone: not on the number of lanes, of samples in
//! the batch, or on the target.

pub mod batch_norm;
pub mod channels;
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

/// Keeps the compiler from unrolling the loop that it stands in: where numbers are computed one by one, code is dear.
#[inline(always)]
pub(crate) fn compact() {
    if lanes::NATIVE == 1 {
        core::hint::black_box(());
    }
}

/// The value, of which the compiler knows nothing there: it makes no copy of a loop for each count, and has an address in a
/// register where it would spell out each field's own.
#[inline(always)]
pub(crate) fn unknown<T>(value: T) -> T {
    if lanes::NATIVE == 1 { core::hint::black_box(value) } else { value }
}

#[cfg(test)]
pub(crate) mod widths;
