use super::{Mean, Metric};

/// The coefficient of determination, 1 − Σ (t − y)² / Σ (t − mean of t)², averaged over `N` outputs: Keras' `R2Score`.
///
/// 1 is perfect; 0 is no better than the mean of the targets.
///
/// The denominator is accumulated by Welford's method (1962), which does not suffer from cancellation if the mean is large.
///
/// ```
/// use baregrad::metrics::{Metric, R2Score};
/// let mut score = R2Score::new();
/// for (y, target) in [(1.5, 1.0), (2.0, 2.0), (2.5, 3.0)] {
///     score.add(&[y], &[target]);
/// }
/// assert_eq!(score.value(), 0.75);
/// ```
#[derive(Clone, Debug)]
pub struct R2Score<const N: usize = 1> {
    count: u32,
    /// The mean of the squared errors, per output.
    errors: [Mean; N],
    /// The mean of the targets, per output; then the sum of their squared distances from it.
    means: [f32; N],
    spreads: [f32; N],
}

impl<const N: usize> R2Score<N> {
    /// Makes a metric that has seen no samples.
    pub const fn new() -> Self {
        R2Score { count: 0, errors: [Mean::NEW; N], means: [0.0; N], spreads: [0.0; N] }
    }

    /// The score so far; NaN if both sums are 0, as they are without samples.
    pub fn value(&self) -> f32 {
        let scores = self.errors.iter().zip(&self.spreads).map(|(error, spread)| {
            let score = 1.0 - error.value() * self.count as f32 / spread;
            // An infinite score counts as 0, as in Keras.
            if score.is_infinite() { 0.0 } else { score }
        });
        scores.sum::<f32>() / N as f32
    }
}

impl<const N: usize> Default for R2Score<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Metric<[f32; N], [f32; N]> for R2Score<N> {
    fn add(&mut self, y: &[f32; N], target: &[f32; N]) {
        self.count += 1;
        let targets = self.means.iter_mut().zip(&mut self.spreads);
        for (((error, (mean, spread)), y), t) in self.errors.iter_mut().zip(targets).zip(y).zip(target) {
            error.add((t - y) * (t - y));
            let distance = t - *mean;
            *mean += distance / self.count as f32;
            *spread += distance * (t - *mean);
        }
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}
