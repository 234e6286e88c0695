use super::Metric;
use crate::tensor::Tensor;

/// The area under the receiver operating characteristic, from probabilities counted in bins: Keras' `AUC(num_thresholds=200)`.
///
/// It is the chance that a positive sample has a higher output than a negative one: 1 is perfect, ½ is guessing. All outputs
/// count alike. It stores 8 bytes a threshold, and nothing of the samples.
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
    /// How many negatives and positives are above a threshold, and not above the next.
    bins: [[u32; 2]; THRESHOLDS],
}

impl<const THRESHOLDS: usize> Auc<THRESHOLDS> {
    /// Of no sample yet.
    pub const fn new() -> Self {
        const { assert!(THRESHOLDS > 1, "an AUC needs two thresholds or more") };
        Auc { bins: [[0; 2]; THRESHOLDS] }
    }

    /// The area so far; 0 without positives or without negatives, as in Keras.
    pub fn value(&self) -> f32 {
        // Twice the area, in counts: below each step to the right lies what is above the threshold.
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
