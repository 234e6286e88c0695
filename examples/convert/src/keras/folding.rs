//! `Normalization`, `(x − mean) / √variance`, as part of the `Dense` behind it.

use crate::error::Error;

/// Mean and deviation of each feature.
pub(super) struct Statistics {
    pub name: String,
    pub mean: Vec<f32>,
    pub variance: Vec<f32>,
}

impl Statistics {
    /// w ← w / d and b ← b − Σ mean / d · w, in `f64`, with Keras' d = max(√variance, 1e-7).
    pub fn fold(&self, w: &mut [f32], b: &mut [f32]) -> Result<(), Error> {
        let mut sums: Vec<f64> = b.iter().map(|b| f64::from(*b)).collect();
        let features = self.mean.iter().zip(&self.variance);
        for (feature, ((mean, variance), row)) in features.zip(w.chunks_exact_mut(b.len().max(1))).enumerate() {
            let (mean, deviation) = (f64::from(*mean), f64::from(*variance).sqrt().max(1e-7));
            // Or the sum of two large numbers would have to give a small one.
            if mean.abs() > 1e3 * deviation {
                let what = format!("feature {feature}, of mean {mean:e} and deviation {deviation:e} only,");
                return Err(Error::unsupported(&self.name, what));
            }
            for (w, sum) in row.iter_mut().zip(&mut sums) {
                let scaled = f64::from(*w) / deviation;
                *sum -= mean * scaled;
                *w = scaled as f32;
            }
        }
        for (b, sum) in b.iter_mut().zip(sums) {
            *b = sum as f32;
        }
        Ok(())
    }
}
