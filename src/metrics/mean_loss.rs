use super::{Mean, Metric};
use crate::losses::Loss;
use crate::tensor::Tensor;

/// The mean of any loss as a metric: `MeanLoss<MeanAbsoluteError>` is Keras' metric `MeanAbsoluteError`, and so on.
///
/// ```
/// use baregrad::prelude::*;
/// let mut error = MeanLoss::new(MeanAbsoluteError);
/// error.add(&[1.0, 2.0], &[1.0, 4.0]);
/// error.add(&[1.0, 2.0], &[1.0, 2.0]);
/// assert_eq!(error.value(), 0.5);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MeanLoss<L> {
    /// The loss.
    pub loss: L,
    mean: Mean,
}

impl<L> MeanLoss<L> {
    /// Makes a metric that has seen no samples.
    pub const fn new(loss: L) -> Self {
        MeanLoss { loss, mean: Mean::NEW }
    }

    /// The mean so far; 0 if there are no samples.
    pub fn value(&self) -> f32 {
        self.mean.value()
    }
}

impl<Y: Tensor, T, L: Loss<Y, T>> Metric<Y, T> for MeanLoss<L> {
    fn add(&mut self, y: &Y, target: &T) {
        self.mean.add(self.loss.value(y, target));
    }

    fn reset(&mut self) {
        self.mean = Mean::NEW;
    }
}
