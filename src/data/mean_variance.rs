/// Mean and variance of each feature, updated one sample at a time (Welford 1962), for
/// [`Rescale::standardize`](crate::layers::Rescale::standardize).
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
    count: u32,
    mean: [f32; N],
    /// Sum of the squared distances from the mean, per feature.
    squares: [f32; N],
}

impl<const N: usize> MeanVariance<N> {
    /// Has seen no samples.
    pub const NEW: Self = MeanVariance { count: 0, mean: [0.0; N], squares: [0.0; N] };

    /// Adds one sample.
    pub fn update(&mut self, x: &[f32; N]) {
        self.count = self.count.saturating_add(1);
        welford(self.count, x, &mut self.mean, &mut self.squares);
    }

    /// The number of samples seen.
    pub fn count(&self) -> u32 {
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
}

/// Adds the sample numbered `count`, counting from 1: `d = x − mean`, `mean += d / count`, `squares += d · (x − mean)`.
pub(crate) fn welford(count: u32, x: &[f32], mean: &mut [f32], squares: &mut [f32]) {
    let count = count as f32;
    for ((x, mean), squares) in x.iter().zip(mean).zip(squares) {
        let distance = x - *mean;
        *mean += distance / count;
        *squares += distance * (x - *mean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are so large that a plain sum of squares would lose every digit of the variance.
    #[test]
    fn the_variance_of_large_numbers() {
        let mut seen = MeanVariance::<1>::NEW;
        let (n, offset) = (1000, 10_000.0);
        let at = |i: u32| libm::sinf(i as f32);
        (0..n).for_each(|i| seen.update(&[offset + at(i)]));
        let mean = (0..n).map(|i| f64::from(at(i))).sum::<f64>() / f64::from(n);
        let variance = (0..n).map(|i| (f64::from(at(i)) - mean).powi(2)).sum::<f64>() / f64::from(n);
        assert!((f64::from(seen.mean()[0] - offset) - mean).abs() < 2e-2);
        assert!((f64::from(seen.variance(0)) / variance - 1.0).abs() < 2e-3, "{} {variance}", seen.variance(0));
    }
}
