use super::random::{as_float, for_each_number, uniform};
use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

impl<X: Tensor, const PERCENT: u32> Twin<X> for Dropout<PERCENT> {
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let rate = f64::from(PERCENT) / 100.0;
        for_each_number(x, pass, &|rng, x| if uniform(rng) < as_float(rate) { 0.0 } else { x / (1.0 - rate) })
    }
}
