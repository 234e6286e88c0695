use super::random::{for_each_number, normal};
use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

impl<X: Tensor, const PERCENT: u32> Twin<X> for GaussianDropout<PERCENT> {
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let p = f64::from(PERCENT) / 100.0;
        for_each_number(x, pass, &|rng, x| x * (1.0 + normal(rng) * (p / (1.0 - p)).sqrt()))
    }
}
