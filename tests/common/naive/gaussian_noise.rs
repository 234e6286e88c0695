use super::random::{for_each_number, normal};
use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

impl<X: Tensor, const PERCENT: u32> Twin<X> for GaussianNoise<PERCENT> {
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        for_each_number(x, pass, &|rng, x| x + normal(rng) * f64::from(PERCENT) / 100.0)
    }
}
