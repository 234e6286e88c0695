use super::{Metric, Share};
use crate::tensor::Tensor;

/// Share of outputs that lie on the right side of a threshold: Keras' `BinaryAccuracy`, which `"accuracy"` means for a net
/// with one output.
#[derive(Clone, Debug)]
pub struct BinaryAccuracy {
    threshold: f32,
    share: Share,
}

impl BinaryAccuracy {
    /// Splits the outputs at ½: for probabilities.
    pub const fn new() -> Self {
        Self::with_threshold(0.5)
    }

    /// Splits the outputs at `threshold`, for example 0 for logits. Targets are always split at ½.
    pub const fn with_threshold(threshold: f32) -> Self {
        BinaryAccuracy { threshold, share: Share::NEW }
    }

    /// The share so far; 0 if there are no samples.
    pub fn value(&self) -> f32 {
        self.share.value()
    }
}

impl Default for BinaryAccuracy {
    fn default() -> Self {
        Self::new()
    }
}

impl<Y: Tensor> Metric<Y, Y> for BinaryAccuracy {
    fn add(&mut self, y: &Y, target: &Y) {
        for (y, t) in y.flat().iter().zip(target.flat()) {
            self.share.add((*y > self.threshold) == (*t > 0.5));
        }
    }

    fn reset(&mut self) {
        self.share = Share::NEW;
    }
}
