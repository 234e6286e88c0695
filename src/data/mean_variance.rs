use crate::kernels::compensated;

/// Mean and variance of each feature, updated one sample at a time (Welford 1962), for
/// [`Rescale::standardize`](crate::layers::Rescale::standardize).
///
/// A sample with a NaN or an infinite number is left out. The sums are compensated: at 1,000 samples a second, the error of
/// the variance is below 1e-4 of it for three months (2³³ samples).
///
/// ```
/// use baregrad::{data::MeanVariance, prelude::*};
/// let mut seen = MeanVariance::NEW; // a constant, which can be in a `static`
/// for x in [[1.0, 10.0], [3.0, 30.0]] {
///     seen.update(&x);
/// }
/// assert_eq!((seen.mean(), seen.variance(0), seen.variance(1)), (&[2.0, 20.0], 1.0, 100.0));
///
/// let mut scaler = Rescale::<2>::NEW;
/// scaler.standardize(&seen);
/// assert_eq!(scaler.scale, [1.0, 0.1]);
/// ```
#[derive(Clone, Debug)]
pub struct MeanVariance<const N: usize> {
    count: u64,
    mean: [f32; N],
    /// Sum of the squared distances from the mean, per feature.
    squares: [f32; N],
    /// What rounding has added to both.
    mean_excess: [f32; N],
    squares_excess: [f32; N],
}

impl<const N: usize> MeanVariance<N> {
    /// Has seen no samples.
    pub const NEW: Self =
        MeanVariance { count: 0, mean: [0.0; N], squares: [0.0; N], mean_excess: [0.0; N], squares_excess: [0.0; N] };

    /// Has seen `count` samples with these means and sums of squared distances.
    #[cfg(test)]
    pub(crate) const fn seen(count: u64, mean: [f32; N], squares: [f32; N]) -> Self {
        MeanVariance { count, mean, squares, ..Self::NEW }
    }

    /// Adds one sample.
    pub fn update(&mut self, x: &[f32; N]) {
        if is_finite(x) {
            self.count = self.count.saturating_add(1);
            let MeanVariance { count, mean, squares, mean_excess, squares_excess } = self;
            welford(*count as f32, x, [mean, mean_excess], [squares, squares_excess]);
        }
    }

    /// The number of samples that were added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The means; 0 if there are no samples.
    pub fn mean(&self) -> &[f32; N] {
        &self.mean
    }

    /// The variance of a feature; 0 if there are no samples. As in Keras, it divides by the number of samples n, not by n −
    /// 1.
    pub fn variance(&self, feature: usize) -> f32 {
        self.squares.get(feature).map_or(0.0, |squares| squares / self.count.max(1) as f32)
    }

    /// The sum of the squared distances from the mean, per feature.
    pub(crate) fn squares(&self) -> &[f32; N] {
        &self.squares
    }
}

/// Whether all numbers of a sample are finite.
pub(crate) fn is_finite(x: &[f32]) -> bool {
    x.iter().all(|x| x.is_finite())
}

/// Adds the sample numbered `count`, counting from 1: `d = x − mean`, `mean += d / count`, `squares += d · (x − mean)`. Both
/// sums come with their [excess](compensated::add).
pub(crate) fn welford(count: f32, x: &[f32], [mean, mean_excess]: [&mut [f32]; 2], [squares, excess]: [&mut [f32]; 2]) {
    for ((x, (mean, mean_excess)), (squares, excess)) in
        x.iter().zip(mean.iter_mut().zip(mean_excess)).zip(squares.iter_mut().zip(excess))
    {
        let distance = (x - *mean) + *mean_excess;
        compensated::add(mean, mean_excess, distance / count);
        compensated::add(squares, excess, distance * ((x - *mean) + *mean_excess));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::rng::Sfc32;
    use rand_core::{Rng, SeedableRng};

    /// The numbers are so large that a plain sum of squares would lose every digit of the variance.
    #[test]
    fn the_variance_of_large_numbers() {
        let mut seen = MeanVariance::<1>::NEW;
        let (n, offset) = (1000, 10_000.0);
        let at = |i: u32| offset + libm::sinf(i as f32);
        (0..n).for_each(|i| seen.update(&[at(i)]));
        let mean = (0..n).map(|i| f64::from(at(i))).sum::<f64>() / f64::from(n);
        let variance = (0..n).map(|i| (f64::from(at(i)) - mean).powi(2)).sum::<f64>() / f64::from(n);
        assert!((f64::from(seen.mean()[0]) - mean).abs() < 1e-3);
        assert!((f64::from(seen.variance(0)) / variance - 1.0).abs() < 1e-6, "{} {variance}", seen.variance(0));
    }

    /// 2²⁰ samples of another distribution, after 2ᵏ samples of mean 0 and variance ⅓.
    #[test]
    fn statistics_follow_for_years() {
        for k in [20, 26, 33] {
            let before = 1_u64 << k;
            let mut seen = MeanVariance::seen(before, [0.0], [before as f32 / 3.0]);
            let (n, mut rng) = (1 << 20, Sfc32::seed_from_u64(k));
            let (mut sum, mut square) = (0.0, 0.0);
            for _ in 0..n {
                let x = 2.0 + rng.next_u32() as f32 / (1_u64 << 31) as f32;
                seen.update(&[x]);
                sum += f64::from(x);
                square += f64::from(x).powi(2);
            }
            assert_eq!(seen.count(), before + n);
            let (all, old) = ((before + n) as f64, f64::from(before as f32 / 3.0));
            let mean = sum / all;
            let variance = (old + square) / all - mean * mean;
            let errors = [f64::from(seen.mean()[0]) / mean - 1.0, f64::from(seen.variance(0)) / variance - 1.0];
            assert!(errors.iter().all(|e| e.abs() < 2e-6), "2^{k}: {errors:?}");
            let grown = (f64::from(seen.squares[0]) - old) / (variance * all - old);
            assert!((grown - 1.0).abs() < 2e-2, "2^{k}: {grown}");
        }
    }

    #[test]
    fn samples_that_are_not_finite_are_left_out() {
        let mut seen = MeanVariance::<2>::NEW;
        for x in [[1.0, 2.0], [f32::NAN, 7.0], [3.0, 4.0], [7.0, f32::INFINITY]] {
            seen.update(&x);
        }
        assert_eq!((seen.count(), seen.mean(), seen.variance(0), seen.variance(1)), (2, &[2.0, 3.0], 1.0, 1.0));
    }
}
