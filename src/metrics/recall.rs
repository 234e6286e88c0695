use super::{Hits, Metric};
use crate::tensor::Tensor;

/// Share of the positive targets that are found, TP / (TP + FN): Keras' `Recall`. An output above the threshold counts as
/// positive.
///
/// Each output is counted separately. For several classes, see [`ConfusionMatrix`](super::ConfusionMatrix).
///
/// ```
/// use baregrad::metrics::{Metric, Recall};
/// let mut metric = Recall::new();
/// for (y, target) in [(0.9, 1.0), (0.8, 0.0), (0.3, 1.0), (0.6, 1.0)] {
///     metric.add(&[y], &[target]);
/// }
/// assert_eq!(metric.value(), 2.0 / 3.0);
/// ```
#[derive(Clone, Debug)]
pub struct Recall {
    threshold: f32,
    hits: Hits,
}

impl Recall {
    /// Splits the outputs at ½: for probabilities.
    pub const fn new() -> Self {
        Self::with_threshold(0.5)
    }

    /// Splits the outputs at `threshold`, for example 0 for logits. Targets are always split at ½.
    pub const fn with_threshold(threshold: f32) -> Self {
        Recall { threshold, hits: Hits::NEW }
    }

    /// The value so far; 0 if no target is positive.
    pub fn value(&self) -> f32 {
        self.hits.recall()
    }
}

impl Default for Recall {
    fn default() -> Self {
        Self::new()
    }
}

impl<Y: Tensor> Metric<Y, Y> for Recall {
    fn add(&mut self, y: &Y, target: &Y) {
        self.hits.add(self.threshold, y.flat(), target.flat());
    }

    fn reset(&mut self) {
        self.hits = Hits::NEW;
    }
}
