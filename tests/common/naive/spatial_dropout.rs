use super::random::{as_float, uniform};
use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::{Places, Tensor};

impl<X: Places, const PERCENT: u32> Twin<X> for SpatialDropout<PERCENT> {
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let channels = X::Place::LEN;
        let rate = f64::from(PERCENT) / 100.0;
        let Some(rng) = &mut pass.rng else { return x.to_vec() };
        let mut factors = || -> Vec<f64> {
            (0..channels).map(|_| if uniform(rng) < as_float(rate) { 0.0 } else { 1.0 / (1.0 - rate) }).collect()
        };
        let scale = |(x, factors): (&Vec<f64>, Vec<f64>)| (0..X::LEN).map(|i| x[i] * factors[i % channels]).collect();
        x.iter().map(|x| (x, factors())).map(scale).collect()
    }
}
