//! `Normalization`, `(x − mean) / √variance`: part of the `Dense` behind it, or a `Rescale`.

use crate::error::Error;
use crate::floats::finite;
use crate::layer::Layer;

/// Mean and deviation of each feature.
pub(super) struct Statistics {
    pub name: String,
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Statistics {
    /// With Keras' deviation, max(√variance, 1e-7).
    pub fn new(name: &str, mean: &[f32], variance: &[f32]) -> Result<Self, Error> {
        finite(name, "a mean", mean)?;
        finite(name, "a variance", variance)?;
        if let Some(variance) = variance.iter().find(|variance| **variance < 0.0) {
            return Err(Error::malformed(name, format!("a variance of {variance}")));
        }
        let mean = mean.iter().map(|mean| f64::from(*mean)).collect();
        let deviation = variance.iter().map(|variance| f64::from(*variance).sqrt().max(1e-7)).collect();
        Ok(Statistics { name: name.into(), mean, deviation })
    }

    /// Whether a bias can take over the means. Beside large ones, it would have to give a small number as the sum of two large
    /// ones.
    pub fn can_fold(&self) -> bool {
        self.mean.iter().zip(&self.deviation).all(|(mean, deviation)| mean.abs() <= 1e3 * deviation)
    }

    /// w ← w / d and b ← b − Σ mean / d · w, in `f64`.
    pub fn fold(&self, w: &mut [f32], b: &mut [f32]) {
        let mut sums: Vec<f64> = b.iter().map(|b| f64::from(*b)).collect();
        let features = self.mean.iter().zip(&self.deviation);
        for ((mean, deviation), row) in features.zip(w.chunks_exact_mut(b.len().max(1))) {
            for (w, sum) in row.iter_mut().zip(&mut sums) {
                let scaled = f64::from(*w) / deviation;
                *sum -= mean * scaled;
                *w = scaled as f32;
            }
        }
        for (b, sum) in b.iter_mut().zip(sums) {
            *b = sum as f32;
        }
    }

    /// As a layer of its own.
    pub fn layer(&self) -> Layer {
        let offset = self.mean.iter().map(|mean| *mean as f32).collect();
        Layer::Rescale { offset, scale: self.deviation.iter().map(|deviation| deviation.recip() as f32).collect() }
    }
}
