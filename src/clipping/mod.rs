//! Gradient clipping. Each type wraps an optimiser, as do the arguments `clipvalue`, `clipnorm` and `global_clipnorm` of
//! Keras' optimisers.

mod global_norm;
mod norm;
mod value;

pub use global_norm::GlobalClipNorm;
pub use norm::ClipNorm;
pub use value::ClipValue;

use crate::kernels::Lanes;
use crate::kernels::reduce::{self, Product};
use crate::kernels::sqrt::sqrt;

/// A norm of a gradient, multiplied by a power of 2 so that neither it nor the squares leave the range of floats.
struct Norm {
    scaled: f32,
    scale: f32,
}

/// If a sum of squares is smaller, squares that have become 0 might have changed it.
const SMALL: f32 = 1e-30;

impl Norm {
    /// Computes the norm of all slices that `walk` visits.
    fn of(walk: impl Fn(&mut dyn FnMut(&[f32]))) -> Self {
        let mut sum = 0.0;
        walk(&mut |values| sum += reduce::sum(&Product, values, values));
        if (SMALL..=f32::MAX).contains(&sum) {
            return Norm { scaled: sqrt(sum), scale: 1.0 };
        }
        let mut largest = 0.0;
        walk(&mut |values| largest = values.iter().fold(largest, |largest, g| Lanes::max(g.abs(), largest)));
        // Moves the largest number to between 1 and 4, or a subnormal one as far as a normal factor can.
        let exponent = 254_u32.saturating_sub(largest.to_bits() >> 23);
        let scale = f32::from_bits(exponent.clamp(1, 253) << 23);
        sum = 0.0;
        walk(&mut |values| sum = values.iter().fold(sum, |sum, g| sum + (g * scale) * (g * scale)));
        Norm { scaled: sqrt(sum), scale }
    }

    /// Scales a gradient that has this norm to a norm of at most `limit`. The largest float stands for no limit.
    fn clip(&self, values: &mut [f32], limit: f32) {
        if limit < f32::MAX && self.scaled > limit * self.scale {
            let factor = limit / self.scaled;
            values.iter_mut().for_each(|g| *g = *g * self.scale * factor);
        }
    }
}

/// Returns `limit` as a checkpoint stores it, which takes no infinities.
fn storable(limit: f32) -> f32 {
    if limit == f32::INFINITY { f32::MAX } else { limit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::{Optimizer, Sgd};
    use crate::tensor::rng::Sfc32;
    use rand_core::Rng;
    use std::vec::Vec;

    /// A gradient of two tensors, clipped as a whole.
    fn clipped<const N: usize>(g: [f32; N], limit: f32) -> [f32; N] {
        let mut whole = (g, [0.0; 2]);
        GlobalClipNorm::new(Sgd::new(1.0), limit).prepare(&mut whole);
        let mut alone = g;
        ClipNorm::new(Sgd::new(1.0), limit).prepare(&mut alone);
        assert_eq!(whole, (alone, [0.0; 2]), "{g:?} to {limit}");
        alone
    }

    #[test]
    fn norms_beyond_the_range_of_floats() {
        let half = core::f32::consts::FRAC_1_SQRT_2;
        assert_eq!(clipped([1.9e19, 1.9e19], 1.0), [half; 2]);
        assert_eq!(clipped([f32::MAX, 0.0, -f32::MAX], 2.0), [2.0 * half, 0.0, -2.0 * half]);
        assert_eq!(clipped([3e38; 4], 1.0), [0.5; 4]);
        assert_eq!(clipped([f32::exp2(-75.0), 0.0], f32::exp2(-83.0)), [f32::exp2(-83.0), 0.0]);
        assert_eq!(clipped([1e-42, 1e-42], 0.5), [1e-42; 2]);
        assert_eq!(clipped([0.0; 3], 0.0), [0.0; 3]);
        assert_eq!(clipped([5.0, -3e38, 0.0], 0.0), [0.0; 3]);
        for off in [f32::MAX, f32::INFINITY] {
            assert_eq!(clipped([3e38, 1.0, 3e38, 3e38], off), [3e38, 1.0, 3e38, 3e38]);
        }
        let mut apart = ([3e38], [-3e38]);
        GlobalClipNorm::new(Sgd::new(1.0), 1.0).prepare(&mut apart);
        assert_eq!(apart, ([half], [-half]));
    }

    /// Gradients of every size, beside the same in f64.
    #[test]
    fn norms_of_every_size() {
        let mut rng = Sfc32::NEW;
        for exponent in -120..128 {
            let mut g = [(); 37].map(|()| f32::from_bits((exponent + 127) as u32 * (1 << 23) + (rng.next_u32() >> 9)));
            g[3] = -g[3] / 1024.0;
            let norm = libm::sqrt(g.iter().map(|g| f64::from(*g).powi(2)).sum());
            for share in [0.9, 1e-3] {
                let limit = (norm * share).min(3e38);
                let factor = f64::from(limit as f32) / norm;
                let want: Vec<f64> = g.iter().map(|g| f64::from(*g) * factor).collect();
                for (got, want) in clipped(g, limit as f32).iter().zip(&want) {
                    let error = (f64::from(*got) - want).abs();
                    assert!(error < 1e-6 * want.abs() + 1e-45, "2^{exponent}: {got:e}, not {want:e}");
                }
            }
            if norm < 3e38 {
                assert_eq!(clipped(g, (norm * 1.001) as f32), g, "2^{exponent}");
            }
        }
    }
}
