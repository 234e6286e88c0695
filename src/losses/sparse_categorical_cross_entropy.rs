use super::categorical_cross_entropy::clip;
use super::{Class, ClassError, Form, Logits, Loss, Probabilities};
use crate::kernels::{math, softmax};
use core::marker::PhantomData;

/// −ln p of the right class, for targets that are class numbers (`u8` to `usize`).
///
/// The default form takes probabilities, clips each to [1e-7, 1 − 1e-7], and divides them by their sum, as Keras does.
/// `SparseCategoricalCrossEntropy<Logits>` takes z, where p = softmax(z), and is exact for any z.
#[derive(Clone, Copy, Debug)]
pub struct SparseCategoricalCrossEntropy<F = Probabilities>(Form<F>);

crate::tensor::zeros!(impl [F: 'static] SparseCategoricalCrossEntropy<F> { 0 });

impl<F> SparseCategoricalCrossEntropy<F> {
    /// The same as `default`, but `const`: for a trainer in a `static`.
    pub const fn new() -> Self {
        SparseCategoricalCrossEntropy(PhantomData)
    }
}

impl<F> Default for SparseCategoricalCrossEntropy<F> {
    fn default() -> Self {
        Self::new()
    }
}

/// Checks that there is an output for the class.
fn check<const N: usize>(class: usize) -> Result<(), ClassError> {
    if class < N { Ok(()) } else { Err(ClassError::NoOutput { class }) }
}

/// The output of a class. A class without an output gives NaN, so that the mistake shows in the loss.
fn of(y: &[f32], class: usize) -> f32 {
    y.get(class).copied().unwrap_or(f32::NAN)
}

impl<const N: usize, C: Class> Loss<[f32; N], C> for SparseCategoricalCrossEntropy<Logits> {
    const NAME: &'static str = "sparse_categorical_cross_entropy_with_logits";

    fn check(&self, target: &C) -> Result<(), ClassError> {
        check::<N>(target.class())
    }

    #[inline(always)]
    fn value(&self, y: &[f32; N], target: &C) -> f32 {
        let (max, log_sum) = softmax::log_sum_exp(y);
        (max - of(y, target.class())) + log_sum
    }

    #[inline(always)]
    fn gradient(&self, y: &[f32; N], target: &C, scale: f32, dy: &mut [f32; N]) -> f32 {
        let class = target.class();
        *dy = *y;
        let (max, log_sum) = softmax::scaled_softmax(dy, scale);
        if let Some(dy) = dy.get_mut(class) {
            *dy -= scale;
        }
        (max - of(y, class)) + log_sum
    }
}

impl<const N: usize, C: Class> Loss<[f32; N], C> for SparseCategoricalCrossEntropy<Probabilities> {
    const NAME: &'static str = "sparse_categorical_cross_entropy";

    fn check(&self, target: &C) -> Result<(), ClassError> {
        check::<N>(target.class())
    }

    // ln Σ p − ln p[class], all p clipped
    #[inline(always)]
    fn value(&self, y: &[f32; N], target: &C) -> f32 {
        let sum = y.iter().fold(0.0, |sum, y| sum + clip(*y));
        math::ln(sum) - math::ln(clip(of(y, target.class())))
    }

    #[inline(always)]
    fn gradient(&self, y: &[f32; N], target: &C, scale: f32, dy: &mut [f32; N]) -> f32 {
        let class = target.class();
        let share = scale / y.iter().fold(0.0, |sum, y| sum + clip(*y));
        for (i, (y, dy)) in y.iter().zip(dy.iter_mut()).enumerate() {
            let right = if i == class { scale / y } else { 0.0 };
            *dy = if *y == clip(*y) { share - right } else { 0.0 };
        }
        self.value(y, target)
    }
}
