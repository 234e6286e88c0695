//! Gradient clipping. Each type wraps an optimiser, as do the arguments `clipvalue`, `clipnorm` and `global_clipnorm` of
//! Keras' optimisers.

mod global_norm;
mod norm;
mod value;

pub use global_norm::GlobalClipNorm;
pub use norm::ClipNorm;
pub use value::ClipValue;

use crate::kernels::reduce::{self, Product};

/// Returns the sum of the squares.
fn squares(values: &[f32]) -> f32 {
    reduce::sum(&Product, values, values)
}

/// Scales a gradient whose norm is `norm` to a norm of at most `limit`.
fn scale(values: &mut [f32], norm: f32, limit: f32) {
    if norm > limit {
        let factor = limit / norm;
        values.iter_mut().for_each(|g| *g *= factor);
    }
}
