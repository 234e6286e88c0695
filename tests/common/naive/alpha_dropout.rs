use super::activations::{SELU_ALPHA, SELU_SCALE};
use super::random::{as_float, for_each_number, uniform};
use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

// a = ((1 − p)(1 + p · least²))^−½ and b = −a · least · p keep mean 0 and variance 1.
impl<X: Tensor, const PERCENT: u32> Twin<X> for AlphaDropout<PERCENT> {
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let (p, least) = (f64::from(PERCENT) / 100.0, -SELU_SCALE * SELU_ALPHA);
        let a = ((1.0 - p) * (1.0 + p * least * least)).powf(-0.5);
        let b = -a * least * p;
        for_each_number(x, pass, &|rng, x| a * (if uniform(rng) < as_float(p) { least } else { x }) + b)
    }
}
