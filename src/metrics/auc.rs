use super::Metric;
use crate::tensor::Tensor;

/// The area under the receiver operating characteristic, computed from probabilities counted in bins: Keras'
/// `AUC(num_thresholds=200)`.
///
/// The area is the probability that a positive sample has a higher output than a negative one: 1 is perfect, ½ is guessing.
/// All outputs are counted together. The metric takes 8 bytes per threshold and stores no samples.
///
/// ```
/// use baregrad::metrics::{Auc, Metric};
/// let mut auc = Auc::<20>::new();
/// for (y, target) in [(0.9, 1.0), (0.7, 0.0), (0.4, 1.0), (0.1, 0.0)] {
///     auc.add(&[y], &[target]);
/// }
/// assert_eq!(auc.value(), 0.75);
/// ```
#[derive(Clone, Debug)]
pub struct Auc<const THRESHOLDS: usize = 200> {
    /// Numbers of negatives and positives above this threshold but not above the next one.
    bins: [[u32; 2]; THRESHOLDS],
}

impl<const THRESHOLDS: usize> Auc<THRESHOLDS> {
    /// Makes a metric that has seen no samples.
    pub const fn new() -> Self {
        const { assert!(THRESHOLDS > 1, "an AUC needs two thresholds or more") };
        Auc { bins: [[0; 2]; THRESHOLDS] }
    }

    /// The area so far; 0 if there are no positives or no negatives, as in Keras.
    pub fn value(&self) -> f32 {
        // The area in counts, doubled. Each negative is a step to the right; the area below it is the number of positives
        // above the threshold.
        let (mut area, mut negatives, mut positives) = (0, 0_u64, 0_u64);
        for [negative, positive] in self.bins.iter().rev().map(|bin| bin.map(u64::from)) {
            area += negative * (2 * positives + positive);
            negatives += negative;
            positives += positive;
        }
        let whole = 2 * negatives * positives;
        if whole == 0 { 0.0 } else { area as f32 / whole as f32 }
    }
}

impl<const THRESHOLDS: usize> Default for Auc<THRESHOLDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<Y: Tensor, const THRESHOLDS: usize> Metric<Y, Y> for Auc<THRESHOLDS> {
    fn add(&mut self, y: &Y, target: &Y) {
        for (y, t) in y.flat().iter().zip(target.flat()) {
            let above = libm::ceilf(y.clamp(0.0, 1.0) * (THRESHOLDS - 1) as f32) - 1.0;
            if let Some(bin) = self.bins.get_mut(above.max(0.0) as usize) {
                let [negative, positive] = bin;
                *(if *t > 0.5 { positive } else { negative }) += 1;
            }
        }
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}
