use super::Metric;
use crate::kernels::math;
use crate::losses::{Form, Logits, Probabilities};
use crate::tensor::Tensor;
use core::marker::PhantomData;

/// The area under the receiver operating characteristic, computed from probabilities counted in bins: Keras'
/// `AUC(num_thresholds=200)`.
///
/// The area is the probability that a positive sample has a higher output than a negative one: 1 is perfect, ½ is guessing.
/// All outputs are counted together. The metric takes 16 bytes per threshold and stores no samples.
///
/// The default form takes probabilities. `Auc<200, Logits>` takes z, where p = σ(z): Keras' `from_logits=True`.
///
/// ```
/// use baregrad::{losses::Logits, metrics::{Auc, Metric}};
/// let mut auc = Auc::<20>::new();
/// for (y, target) in [(0.9, 1.0), (0.7, 0.0), (0.4, 1.0), (0.1, 0.0)] {
///     auc.add(&[y], &[target]);
/// }
/// assert_eq!(auc.value(), 0.75);
///
/// let mut auc = Auc::<20, Logits>::new();
/// auc.add(&[-2.0], &[0.0]);
/// auc.add(&[-1.0], &[1.0]);
/// assert_eq!(auc.value(), 1.0);
/// ```
#[derive(Clone, Debug)]
pub struct Auc<const THRESHOLDS: usize = 200, F = Probabilities> {
    /// Numbers of negatives and positives above this threshold but not above the next one.
    bins: [[u64; 2]; THRESHOLDS],
    form: Form<F>,
}

impl<const THRESHOLDS: usize, F> Auc<THRESHOLDS, F> {
    /// Makes a metric that has seen no samples.
    pub const fn new() -> Self {
        const { assert!(THRESHOLDS > 1, "an AUC needs two thresholds or more") };
        Auc { bins: [[0; 2]; THRESHOLDS], form: PhantomData }
    }

    /// The area so far; 0 if there are no positives or no negatives, as in Keras.
    pub fn value(&self) -> f32 {
        // The area in counts, doubled. Each negative is a step to the right; the area below it is the number of positives
        // above the threshold.
        let (mut area, mut negatives, mut positives) = (0, 0_u128, 0_u128);
        for [negative, positive] in self.bins.iter().rev().map(|bin| bin.map(u128::from)) {
            area += negative * (2 * positives + positive);
            negatives += negative;
            positives += positive;
        }
        let whole = 2 * negatives * positives;
        if whole == 0 { 0.0 } else { area as f32 / whole as f32 }
    }

    fn count(&mut self, y: &[f32], target: &[f32], probability: fn(f32) -> f32) {
        for (y, t) in y.iter().zip(target) {
            let above = libm::ceilf(probability(*y).clamp(0.0, 1.0) * (THRESHOLDS - 1) as f32) - 1.0;
            if let Some(bin) = self.bins.get_mut(above.max(0.0) as usize) {
                let [negative, positive] = bin;
                *(if *t > 0.5 { positive } else { negative }) += 1;
            }
        }
    }
}

impl<const THRESHOLDS: usize, F> Default for Auc<THRESHOLDS, F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<Y: Tensor, const THRESHOLDS: usize> Metric<Y, Y> for Auc<THRESHOLDS, Probabilities> {
    fn add(&mut self, y: &Y, target: &Y) {
        self.count(y.flat(), target.flat(), |y| y);
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

impl<Y: Tensor, const THRESHOLDS: usize> Metric<Y, Y> for Auc<THRESHOLDS, Logits> {
    fn add(&mut self, y: &Y, target: &Y) {
        self.count(y.flat(), target.flat(), math::sigmoid);
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_right_after_years() {
        let mut auc = Auc::<2>::new();
        let (bin, count) = (&mut auc.bins[0], 1 << 33);
        *bin = [count, count];
        assert_eq!(auc.value(), 0.5);
        auc.bins = [[count, 0], [u64::from(u32::MAX), u64::from(u32::MAX)]];
        auc.add(&[1.0], &[1.0]);
        // All positives are above two thirds of the negatives, and level with the others.
        assert!((auc.value() - 5.0 / 6.0).abs() < 1e-6, "{}", auc.value());
    }
}
