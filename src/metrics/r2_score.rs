use super::Metric;
use crate::data::MeanVariance;
use crate::kernels::compensated::Total;

/// The coefficient of determination, 1 − Σ (t − y)² / Σ (t − mean of t)², averaged over `N` outputs: Keras' `R2Score`.
///
/// 1 is perfect; 0 is no better than the mean of the targets.
///
/// The denominator is accumulated by Welford's method (1962), which does not suffer from cancellation if the mean is large.
/// Both sums are compensated, so that they are right for billions of samples.
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
    /// The sum of the squared errors, per output.
    errors: [Total; N],
    targets: MeanVariance<N>,
}

impl<const N: usize> R2Score<N> {
    /// Makes a metric that has seen no samples.
    pub const fn new() -> Self {
        R2Score { errors: [Total::ZERO; N], targets: MeanVariance::NEW }
    }

    /// The score so far; NaN if both sums are 0, as they are without samples.
    pub fn value(&self) -> f32 {
        let scores = self.errors.iter().zip(self.targets.squares()).map(|(error, spread)| {
            let score = 1.0 - error.value() / spread;
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
        for ((error, y), t) in self.errors.iter_mut().zip(y).zip(target) {
            error.add((t - y) * (t - y));
        }
        self.targets.update(target);
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Targets of ±1, with errors of ½ in the first 2ᵏ samples, and of 1 in the last 2²⁰.
    #[test]
    fn the_score_is_right_after_years() {
        for k in [20, 26, 33] {
            let (before, after) = (f32::exp2(k as f32), 1 << 20);
            let mut score = R2Score::<1> { targets: MeanVariance::seen(1 << k, [0.0], [before]), ..R2Score::new() };
            score.errors[0].add(before / 4.0);
            (0..after).for_each(|i| score.add(&[0.0], &[if i % 2 == 0 { 1.0 } else { -1.0 }]));
            let (before, after) = (f64::from(before), f64::from(after));
            let want = 1.0 - (before / 4.0 + after) / (before + after);
            assert!((f64::from(score.value()) - want).abs() < 1e-6, "2^{k}: {}, not {want}", score.value());
        }
    }
}
