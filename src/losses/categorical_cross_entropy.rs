use super::{CLIP, Form, Logits, Loss, Probabilities, checked};
use crate::kernels::reduce::{self, First};
use crate::kernels::{math, softmax};
use core::marker::PhantomData;

/// −Σ t ln p, for targets that are distributions over classes, such as one-hot arrays.
///
/// The default form takes probabilities, divides them by their sum, and clips them to [1e-7, 1 − 1e-7], as Keras does.
/// `CategoricalCrossEntropy<Logits>` takes z, where p = softmax(z), and is exact for any z.
#[derive(Clone, Copy, Debug)]
pub struct CategoricalCrossEntropy<F = Probabilities>(Form<F>);

crate::tensor::zeros!(impl [F: 'static] CategoricalCrossEntropy<F> { 0 });

impl<F> CategoricalCrossEntropy<F> {
    /// The same as `default`, but `const`: for a trainer in a `static`.
    pub const fn new() -> Self {
        CategoricalCrossEntropy(PhantomData)
    }
}

impl<F> Default for CategoricalCrossEntropy<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Loss<[f32; N], [f32; N]> for CategoricalCrossEntropy<Logits> {
    const NAME: &'static str = "categorical_cross_entropy_with_logits";

    // Σ t (ln Σ eᶻ − z)
    #[inline(always)]
    fn value(&self, y: &[f32; N], target: &[f32; N]) -> f32 {
        let (max, log_sum) = softmax::log_sum_exp(y);
        // NaN if an output is not finite, even if all targets are 0.
        let zero = log_sum.abs() * 0.0;
        y.iter().zip(target).fold(zero, |sum, (y, t)| if *t == 0.0 { sum } else { sum + t * ((max - y) + log_sum) })
    }

    // softmax(z) Σ t − t
    #[inline(always)]
    fn gradient(&self, y: &[f32; N], target: &[f32; N], scale: f32, dy: &mut [f32; N]) -> f32 {
        *dy = *y;
        softmax::softmax(dy);
        let total = reduce::sum(&First, target, target);
        for (dy, t) in dy.iter_mut().zip(target) {
            *dy = (*dy * total - t) * scale;
        }
        checked(self.value(y, target), dy)
    }
}

impl<const N: usize> Loss<[f32; N], [f32; N]> for CategoricalCrossEntropy<Probabilities> {
    const NAME: &'static str = "categorical_cross_entropy";

    #[inline(always)]
    fn value(&self, y: &[f32; N], target: &[f32; N]) -> f32 {
        let share = 1.0 / reduce::sum(&First, y, y);
        // NaN if the sum is 0, even if all targets are 0.
        let zero = share.abs() * 0.0;
        y.iter().zip(target).fold(zero, |sum, (y, t)| if *t == 0.0 { sum } else { sum - t * math::ln(clip(y * share)) })
    }

    // With s = Σ y and p = y / s: ∂/∂y = (Σ t over the unclipped − (t / p, if unclipped)) / s
    #[inline(always)]
    fn gradient(&self, y: &[f32; N], target: &[f32; N], scale: f32, dy: &mut [f32; N]) -> f32 {
        let share = 1.0 / reduce::sum(&First, y, y);
        let mut live = 0.0;
        for ((y, t), dy) in y.iter().zip(target).zip(dy.iter_mut()) {
            let p = y * share;
            let unclipped = p == clip(p);
            live += if unclipped { *t } else { 0.0 };
            *dy = if unclipped && *t != 0.0 { -t / p } else { 0.0 };
        }
        for dy in dy.iter_mut() {
            *dy = (*dy + live) * share * scale;
        }
        checked(self.value(y, target), dy)
    }
}

/// Clips `p` to Keras' bounds; NaN stays NaN.
pub(super) fn clip(p: f32) -> f32 {
    p.clamp(CLIP, 1.0 - CLIP)
}
