//! Metrics, one per file. They take outputs and targets one sample at a time, in constant memory.
//!
//! To add a metric, write its file, and add one line here and one to the list in `tests/common/catalogue`.

use crate::kernels::compensated::Total;

mod auc;
mod binary_accuracy;
mod categorical_accuracy;
mod confusion_matrix;
mod f1_score;
mod mean_loss;
mod precision;
mod r2_score;
mod recall;
mod root_mean_squared_error;
mod top_k_accuracy;

pub use auc::Auc;
pub use binary_accuracy::BinaryAccuracy;
pub use categorical_accuracy::CategoricalAccuracy;
pub use confusion_matrix::ConfusionMatrix;
pub use f1_score::F1Score;
pub use mean_loss::MeanLoss;
pub use precision::Precision;
pub use r2_score::R2Score;
pub use recall::Recall;
pub use root_mean_squared_error::RootMeanSquaredError;
pub use top_k_accuracy::TopKAccuracy;

/// A figure computed over a data set.
pub trait Metric<Y, T> {
    /// Adds one sample.
    fn add(&mut self, y: &Y, target: &T);

    /// Forgets all samples, for the next epoch.
    fn reset(&mut self);
}

/// No metric: only the loss is computed.
impl<Y, T> Metric<Y, T> for () {
    fn add(&mut self, _: &Y, _: &T) {}
    fn reset(&mut self) {}
}

impl<Y, T, A: Metric<Y, T>, B: Metric<Y, T>> Metric<Y, T> for (A, B) {
    fn add(&mut self, y: &Y, target: &T) {
        self.0.add(y, target);
        self.1.add(y, target);
    }

    fn reset(&mut self) {
        self.0.reset();
        self.1.reset();
    }
}

/// A metric for targets that carry a [weight](crate::losses::SampleWeighted): it ignores the weights and counts every sample
/// once, as Keras' `metrics=` does.
///
/// ```
/// use baregrad::prelude::*;
/// let mut accuracy = Unweighted(BinaryAccuracy::new());
/// accuracy.add(&[0.9], &([1.0], 0.1));
/// assert_eq!(accuracy.0.value(), 1.0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Unweighted<M>(pub M);

impl<Y, T, M: Metric<Y, T>> Metric<Y, (T, f32)> for Unweighted<M> {
    fn add(&mut self, y: &Y, (target, _): &(T, f32)) {
        self.0.add(y, target);
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// The number of hits, and of samples. At 1,000 samples a second, 32 bits would overflow after 50 days.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    hits: u64,
    total: u64,
}

impl Share {
    const NEW: Self = Share { hits: 0, total: 0 };

    fn add(&mut self, hit: bool) {
        self.hits += u64::from(hit);
        self.total += 1;
    }

    fn value(&self) -> f32 {
        if self.total == 0 { 0.0 } else { self.hits as f32 / self.total as f32 }
    }
}

/// Counts of true positives, false positives and false negatives.
#[derive(Clone, Copy, Debug)]
struct Hits {
    right: u64,
    wrong: u64,
    missed: u64,
}

impl Hits {
    const NEW: Self = Hits { right: 0, wrong: 0, missed: 0 };

    fn add(&mut self, threshold: f32, y: &[f32], target: &[f32]) {
        for (y, t) in y.iter().zip(target) {
            let (said, is) = (*y > threshold, *t > 0.5);
            self.right += u64::from(said && is);
            self.wrong += u64::from(said && !is);
            self.missed += u64::from(is && !said);
        }
    }

    fn precision(&self) -> f32 {
        Share { hits: self.right, total: self.right + self.wrong }.value()
    }

    fn recall(&self) -> f32 {
        Share { hits: self.right, total: self.right + self.missed }.value()
    }

    fn f1(&self) -> f32 {
        Share { hits: 2 * self.right, total: 2 * self.right + self.wrong + self.missed }.value()
    }
}

/// The mean of numbers.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    total: Total,
    count: u64,
}

impl Mean {
    const NEW: Self = Mean { total: Total::ZERO, count: 0 };

    fn add(&mut self, x: f32) {
        self.total.add(x);
        self.count += 1;
    }

    fn value(&self) -> f32 {
        if self.count == 0 { 0.0 } else { self.total.value() / self.count as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_mean_does_not_drift() {
        let mut mean = Mean::NEW;
        (0..1_000_000).for_each(|_| mean.add(0.1));
        assert_eq!(mean.value(), 0.1);
    }

    #[test]
    fn counts_are_right_after_years() {
        let mut share = Share { hits: 1 << 32, total: 1 << 33 };
        let (mut hits, mut mean) = (Hits { right: 1 << 33, wrong: u64::from(u32::MAX), missed: 1 << 32 }, Mean::NEW);
        (mean.total, mean.count) = (Total::ZERO, u64::from(u32::MAX));
        for _ in 0..2 {
            share.add(true);
            hits.add(0.5, &[0.9], &[0.0]);
            mean.add(f32::exp2(31.0));
        }
        assert_eq!((share.total, share.value()), ((1 << 33) + 2, 0.5));
        assert_eq!((hits.wrong, hits.precision(), hits.f1()), ((1 << 32) + 1, 2.0 / 3.0, 2.0 / 3.0));
        assert_eq!(mean.value(), 1.0);
    }
}
