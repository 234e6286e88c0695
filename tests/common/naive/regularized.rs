use super::{Pass, Twin, Weights};
use baregrad::activations::Activation;
use baregrad::prelude::*;

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Twin<[f32; I]> for Regularized<Dense<I, O, A>, P> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let w = &weights.ahead(&self.layer.w);
        pass.penalty += w.iter().map(|w| f64::from(P::L1) * w.abs() + f64::from(P::L2) * w * w).sum::<f64>();
        self.layer.twin(weights, x, pass)
    }
}
