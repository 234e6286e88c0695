//! Loss functions, one per file: the loss of one sample and its gradient.
//!
//! To add a loss, write its file, and add one line here and one to the list in `tests/common/catalogue`.

pub use crate::error::ClassError;
use crate::kernels::elementwise::{self, Zip};
use crate::kernels::{Lanes, reduce};
use crate::tensor::Tensor;
use core::marker::PhantomData;

mod binary_cross_entropy;
mod binary_focal_cross_entropy;
mod categorical_cross_entropy;
mod categorical_focal_cross_entropy;
mod categorical_hinge;
mod class_weighted;
mod cosine_similarity;
mod hinge;
mod huber;
mod kl_divergence;
mod label_smoothing;
mod log_cosh;
mod mean_absolute_error;
mod mean_squared_error;
mod poisson;
mod quantile;
mod sample_weighted;
mod sparse_categorical_cross_entropy;
mod squared_hinge;

pub use binary_cross_entropy::BinaryCrossEntropy;
pub use binary_focal_cross_entropy::BinaryFocalCrossEntropy;
pub use categorical_cross_entropy::CategoricalCrossEntropy;
pub use categorical_focal_cross_entropy::CategoricalFocalCrossEntropy;
pub use categorical_hinge::CategoricalHinge;
pub use class_weighted::ClassWeighted;
pub use cosine_similarity::CosineSimilarity;
pub use hinge::Hinge;
pub use huber::Huber;
pub use kl_divergence::KlDivergence;
pub use label_smoothing::LabelSmoothing;
pub use log_cosh::LogCosh;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_squared_error::MeanSquaredError;
pub use poisson::Poisson;
pub use quantile::Quantile;
pub use sample_weighted::SampleWeighted;
pub use sparse_categorical_cross_entropy::SparseCategoricalCrossEntropy;
pub use squared_hinge::SquaredHinge;

crate::tensor::zeros!(
    CategoricalHinge {},
    CosineSimilarity {},
    Hinge {},
    KlDivergence {},
    LogCosh {},
    MeanAbsoluteError {},
    MeanSquaredError {},
    Poisson {},
    SquaredHinge {}
);

/// The net's outputs are probabilities: Keras' `from_logits=False`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Probabilities;

/// The net's outputs are the inputs of a sigmoid or softmax: Keras' `from_logits=True`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Logits;

/// Measures how far an output of type `Y` is from a target of type `T`.
pub trait Loss<Y: Tensor, T>: 'static {
    /// The loss's name in Keras.
    const NAME: &'static str;

    /// Checks that the target fits the net's outputs, and weights if there are any.
    ///
    /// # Errors
    /// The target's class has no output, or no weight.
    #[inline(always)]
    fn check(&self, target: &T) -> Result<(), ClassError> {
        let _ = target;
        Ok(())
    }

    /// Returns the loss of one sample.
    fn value(&self, y: &Y, target: &T) -> f32;

    /// Returns the loss of one sample in an evaluation. The weights of [`ClassWeighted`] count in training alone; all other
    /// losses return their value.
    #[inline(always)]
    fn evaluation(&self, y: &Y, target: &T) -> f32 {
        self.value(y, target)
    }

    /// Returns the loss of one sample, and sets `dy` to `scale` times its gradient. If that is not finite, the loss is not
    /// either, so that no step is made.
    fn gradient(&self, y: &Y, target: &T, scale: f32, dy: &mut Y) -> f32;
}

/// A loss that is the mean of a function of one output and its target.
pub trait PointwiseLoss: 'static {
    /// The loss's name in Keras.
    const NAME: &'static str;
    /// The loss of one output.
    fn value<V: Lanes>(&self, y: V, target: V) -> V;
    /// The loss of a single output.
    #[inline(always)]
    fn single_value(&self, y: f32, target: f32) -> f32 {
        elementwise::one(&Value(self), y, target)
    }
    /// The derivative of `value` with respect to `y`.
    fn slope<V: Lanes>(&self, y: V, target: V) -> V;
}

impl<Y: Tensor, P: PointwiseLoss> Loss<Y, Y> for P {
    const NAME: &'static str = P::NAME;

    #[inline(always)]
    fn value(&self, y: &Y, target: &Y) -> f32 {
        if Y::LEN == 1 {
            return self.single_value(first(y.flat()), first(target.flat()));
        }
        reduce::sum(&Value(self), y.flat(), target.flat()) / Y::LEN as f32
    }

    #[inline(always)]
    fn gradient(&self, y: &Y, target: &Y, scale: f32, dy: &mut Y) -> f32 {
        *dy = *y;
        elementwise::zip(&Slope { loss: self, scale: scale / Y::LEN as f32 }, target.flat(), dy.flat_mut());
        Loss::value(self, y, target)
    }
}

fn first(values: &[f32]) -> f32 {
    values.first().copied().unwrap_or(0.0)
}

struct Value<'a, P: ?Sized>(&'a P);

impl<P: PointwiseLoss + ?Sized> Zip for Value<'_, P> {
    #[inline(always)]
    fn zip<V: Lanes>(&self, y: V, target: V) -> V {
        self.0.value(y, target)
    }
}

struct Slope<'a, P> {
    loss: &'a P,
    scale: f32,
}

impl<P: PointwiseLoss> Zip for Slope<'_, P> {
    #[inline(always)]
    fn zip<V: Lanes>(&self, target: V, y: V) -> V {
        self.loss.slope(y, target) * target.splat(self.scale)
    }
}

/// Returns `value`, or NaN if `slope` is not finite.
#[inline(always)]
fn unless_infinite<V: Lanes>(value: V, slope: V) -> V {
    slope.mul_add(value.splat(0.0), value)
}

/// Returns the loss `value`, or NaN if its gradient is not finite.
fn checked(value: f32, dy: &[f32]) -> f32 {
    if dy.iter().all(|dy| dy.is_finite()) { value } else { f32::NAN }
}

/// Keras clips probabilities to [1e-7, 1 − 1e-7]; outside of this range their gradient is 0.
const CLIP: f32 = 1e-7;

/// A target that names a class: an integer or a one-hot array.
pub trait Class {
    /// The index of the class.
    fn class(&self) -> usize;

    /// The class that selects a [weight](ClassWeighted). It equals `class`, except for a target of one number: that is class
    /// 1 if it is above ½, else class 0.
    fn label(&self) -> usize {
        self.class()
    }
}

impl Class for u8 {
    fn class(&self) -> usize {
        usize::from(*self)
    }
}

impl Class for u16 {
    fn class(&self) -> usize {
        usize::from(*self)
    }
}

impl Class for u32 {
    fn class(&self) -> usize {
        *self as usize
    }
}

impl Class for usize {
    fn class(&self) -> usize {
        *self
    }
}

impl<const N: usize> Class for [f32; N] {
    fn class(&self) -> usize {
        reduce::argmax(self)
    }

    fn label(&self) -> usize {
        if let [single] = self.as_slice() { usize::from(*single > 0.5) } else { self.class() }
    }
}

/// Makes an array with 1 at the index of the class and 0 elsewhere: Keras' `to_categorical`. Returns `None` if the index is
/// out of range.
///
/// [`SparseCategoricalCrossEntropy`] does not need such arrays: it takes class numbers.
///
/// ```
/// use baregrad::losses::one_hot;
/// assert_eq!(one_hot(2_u8), Some([0.0, 0.0, 1.0]));
/// assert_eq!(one_hot::<3>(3_u8), None);
/// ```
pub fn one_hot<const N: usize>(class: impl Class) -> Option<[f32; N]> {
    let mut y = [0.0; N];
    *y.get_mut(class.class())? = 1.0;
    Some(y)
}

/// Marks a loss with [`Probabilities`] or [`Logits`].
pub(crate) type Form<F> = PhantomData<fn() -> F>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::widths;

    fn same<P: PointwiseLoss>(loss: &P) {
        widths::sum(&Value(loss));
        widths::zip(&Slope { loss, scale: 0.7 });
    }

    #[test]
    fn all_widths_give_the_same_bits() {
        same(&BinaryCrossEntropy::<Probabilities>::default());
        same(&BinaryCrossEntropy::<Logits>::default());
        same(&BinaryFocalCrossEntropy::balanced(1.5, 0.3));
        same(&Hinge);
        same(&Huber { delta: 0.4 });
        same(&LabelSmoothing::<BinaryCrossEntropy<Logits>>::default());
        same(&LogCosh);
        same(&MeanAbsoluteError);
        same(&MeanSquaredError);
        same(&Poisson);
        same(&Quantile { quantile: 0.8 });
        same(&SquaredHinge);
    }
}
