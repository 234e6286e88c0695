use super::{MeanLoss, Metric};
use crate::kernels::Lanes;
use crate::losses::MeanSquaredError;
use crate::tensor::Tensor;

/// The square root of the mean of (y − t)², in the unit of the targets: Keras' `RootMeanSquaredError`.
///
/// ```
/// use baregrad::metrics::{Metric, RootMeanSquaredError};
/// let mut error = RootMeanSquaredError::new();
/// error.add(&[1.0, 5.0], &[4.0, 1.0]);
/// assert_eq!(error.value(), 12.5_f32.sqrt());
/// ```
#[derive(Clone, Debug, Default)]
pub struct RootMeanSquaredError {
    square: MeanLoss<MeanSquaredError>,
}

impl RootMeanSquaredError {
    /// Makes a metric that has seen no samples.
    pub const fn new() -> Self {
        RootMeanSquaredError { square: MeanLoss::new(MeanSquaredError) }
    }

    /// The error so far; 0 if there are no samples.
    pub fn value(&self) -> f32 {
        Lanes::sqrt(self.square.value())
    }
}

impl<Y: Tensor> Metric<Y, Y> for RootMeanSquaredError {
    fn add(&mut self, y: &Y, target: &Y) {
        self.square.add(y, target);
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}
