use super::{Pass, Twin, Weights};
use baregrad::activations::Activation;
use baregrad::prelude::*;

impl<const I: usize, const O: usize, A: Activation> Twin<[f32; I]> for BiasOnly<Dense<I, O, A>> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        self.0.twin(weights, x, pass)
    }
}
