use super::{Pass, Twin, Weights};
use baregrad::net::Recompute;
use baregrad::tensor::Tensor;

impl<X: Tensor, F: Twin<X>> Twin<X> for Recompute<F> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        self.0.twin(weights, x, pass)
    }
}
