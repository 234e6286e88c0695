//! Loops on slices, written once over [`Lanes`]. Nothing here knows of layers.
//!
//! Every sum has one documented order, which depends on shapes alone: not on the number of lanes, of samples in
//! the batch, or on the target.

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

#[cfg(test)]
pub(crate) mod widths;
