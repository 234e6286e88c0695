//! Loss functions, one a file: the loss of one sample, and its gradient.
//!
//! To add one: a file, a line here, and a line in the list of `tests/common/catalogue`.

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

/// The net gives probabilities: Keras' `from_logits=False`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Probabilities;

/// The net gives what a sigmoid or softmax would make probabilities of: Keras' `from_logits=True`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Logits;

/// How far the output `Y` is from the target `T`.
pub trait Loss<Y: Tensor, T>: 'static {
    /// Keras' name of it.
    const NAME: &'static str;

    /// Whether the target fits the net's outputs.
    ///
    /// # Errors
    /// The class that the net has no output for.
    #[inline(always)]
    fn check(&self, target: &T) -> Result<(), usize> {
        let _ = target;
        Ok(())
    }

    /// The loss of one sample.
    fn value(&self, y: &Y, target: &T) -> f32;

    /// The loss of one sample; `dy` becomes `scale` times its gradient.
    fn gradient(&self, y: &Y, target: &T, scale: f32, dy: &mut Y) -> f32;
}

/// A loss that is the mean of a function of single outputs and their targets.
pub trait PointwiseLoss: 'static {
    /// Keras' name of it.
    const NAME: &'static str;
    /// The loss of one output.
    fn value<V: Lanes>(&self, y: V, target: V) -> V;
    /// Its derivative with respect to `y`.
    fn slope<V: Lanes>(&self, y: V, target: V) -> V;
}

impl<Y: Tensor, P: PointwiseLoss> Loss<Y, Y> for P {
    const NAME: &'static str = P::NAME;

    #[inline(always)]
    fn value(&self, y: &Y, target: &Y) -> f32 {
        if Y::LEN == 1 {
            return elementwise::one(&Value(self), first(y.flat()), first(target.flat()));
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

struct Value<'a, P>(&'a P);

impl<P: PointwiseLoss> Zip for Value<'_, P> {
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
        self.loss.slope(y, target) * V::splat(self.scale)
    }
}

/// Keras' bound on probabilities: they are clipped to [1e-7, 1 − 1e-7], and have no gradient outside.
const CLIP: f32 = 1e-7;

/// Something that names a class: an integer, or a one-hot array.
pub trait Class {
    /// Index of the class.
    fn class(&self) -> usize;

    /// The class that a [weight](ClassWeighted) belongs to: as `class`, but the target of a single output is itself 0 or 1.
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

/// A 1 at the place of the class among zeros: Keras' `to_categorical`. `None` if there is no such place.
///
/// [`SparseCategoricalCrossEntropy`] needs no such array: it takes class numbers.
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

/// Which of the two forms of cross-entropy a type parameter stands for.
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
