use super::{ClassError, Loss, checked};
use crate::tensor::Tensor;
use crate::tensor::Zero;

/// Any loss, multiplied by a weight per sample: Keras' `fit(sample_weight=…)`. A target is a pair of the loss's target and
/// the weight.
///
/// As in Keras, the mean over a batch divides by the number of samples.
///
/// ```
/// use baregrad::prelude::*;
/// let mut model = Trainer::<Dense<1, 1>, SampleWeighted<MeanSquaredError>, Sgd>::new(&mut Sfc32::NEW.clone());
/// // The second sample counts half.
/// model.fit(&[[1.0], [2.0]], &[([2.0], 1.0), ([5.0], 0.5)], &Fit { epochs: 3, ..Fit::default() })?;
/// # Ok::<(), baregrad::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SampleWeighted<L>(pub L);

crate::tensor::zeros!(impl [L: Zero] SampleWeighted<L> { 0 });

impl<Y: Tensor, T, L: Loss<Y, T>> Loss<Y, (T, f32)> for SampleWeighted<L> {
    const NAME: &'static str = L::NAME;

    fn check(&self, (target, _): &(T, f32)) -> Result<(), ClassError> {
        self.0.check(target)
    }

    #[inline(always)]
    fn value(&self, y: &Y, (target, weight): &(T, f32)) -> f32 {
        weight * self.0.value(y, target)
    }

    #[inline(always)]
    fn evaluation(&self, y: &Y, (target, weight): &(T, f32)) -> f32 {
        weight * self.0.evaluation(y, target)
    }

    #[inline(always)]
    fn gradient(&self, y: &Y, (target, weight): &(T, f32), scale: f32, dy: &mut Y) -> f32 {
        let value = weight * self.0.gradient(y, target, weight * scale, dy);
        checked(value, dy.flat())
    }
}
