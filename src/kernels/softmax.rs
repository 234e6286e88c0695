//! Softmax and log-softmax of one sample, and their gradients.

use super::elementwise::{self, Map, Zip};
use super::reduce::{self, First, Product};
use super::{Lanes, math, part_of_callers};

/// x · a.
struct Scale(f32);

impl Map for Scale {
    #[inline(always)]
    fn map<V: Lanes>(&self, x: V) -> V {
        x * x.splat(self.0)
    }
}

/// x − a − b.
struct Minus(f32, f32);

impl Map for Minus {
    #[inline(always)]
    fn map<V: Lanes>(&self, x: V) -> V {
        x - x.splat(self.0) - x.splat(self.1)
    }
}

/// eˣ⁺ᵃ.
struct ExpAdd(f32);

impl Map for ExpAdd {
    #[inline(always)]
    fn map<V: Lanes>(&self, x: V) -> V {
        math::exp(x + x.splat(self.0))
    }
}

/// eˣ⁺ᵃ as the term of a sum.
struct ExpSum(f32);

impl Zip for ExpSum {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, _: V) -> V {
        math::exp(x + x.splat(self.0))
    }
}

part_of_callers! { inline;
    /// Returns `(max, ln Σ e^(y − max))`; ln Σ eʸ is the sum of the two. To subtract a number from it, subtract it from `max`
    /// first, which loses least.
    pub fn log_sum_exp(y: &[f32]) -> (f32, f32) {
        let max = reduce::max(y);
        (max, math::ln(reduce::sum(&ExpSum(-max), y, y)))
    }

    /// Replaces `y` by its softmax.
    pub fn softmax(y: &mut [f32]) {
        scaled_softmax(y, 1.0);
    }

    /// Replaces `y` by `scale` times its softmax, and returns the result of [`log_sum_exp`].
    pub fn scaled_softmax(y: &mut [f32], scale: f32) -> (f32, f32) {
        let max = reduce::max(y);
        elementwise::map(&ExpAdd(-max), y);
        let sum = reduce::sum(&First, y, y);
        elementwise::map(&Scale(scale / sum), y);
        (max, math::ln(sum))
    }

    /// Replaces `y` by the logarithm of its softmax.
    pub fn log_softmax(y: &mut [f32]) {
        let (max, log_sum) = log_sum_exp(y);
        elementwise::map(&Minus(max, log_sum), y);
    }

    /// `dx = y (dy − Σ y dy)` for the softmax `y`; without `dy`, it lies in `dx`.
    pub fn softmax_gradient(y: &[f32], dy: Option<&[f32]>, dx: &mut [f32]) {
        let sum = reduce::sum(&Product, y, dy.unwrap_or(dx));
        elementwise::zip_from(&MinusProduct(sum), y, dy, dx);
    }

    /// `dx = dy − eʸ Σ dy` for the log-softmax `y`; without `dy`, it lies in `dx`.
    pub fn log_softmax_gradient(y: &[f32], dy: Option<&[f32]>, dx: &mut [f32]) {
        let values = dy.unwrap_or(dx);
        let sum = reduce::sum(&First, values, values);
        elementwise::zip_from(&MinusExp(sum), y, dy, dx);
    }
}

/// y (dy − sum).
struct MinusProduct(f32);

impl Zip for MinusProduct {
    #[inline(always)]
    fn zip<V: Lanes>(&self, y: V, dy: V) -> V {
        y * (dy - y.splat(self.0))
    }
}

/// dy − eʸ · sum.
struct MinusExp(f32);

impl Zip for MinusExp {
    #[inline(always)]
    fn zip<V: Lanes>(&self, y: V, dy: V) -> V {
        math::exp(y).neg_mul_add(y.splat(self.0), dy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::widths;

    #[test]
    fn all_widths_give_the_same_bits() {
        widths::map(&Scale(0.7));
        widths::map(&Minus(0.3, 0.7));
        widths::map(&ExpAdd(-0.3));
        widths::sum(&ExpSum(-0.3));
        widths::zip(&MinusExp(0.3));
        widths::zip(&MinusProduct(0.3));
    }
}
