use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

impl<X: Tensor, A: Twin<X>, B: Twin<A::Y>> Twin<X> for Chain<A, B> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let between = self.0.twin(weights, x, pass);
        self.1.twin(weights, &between, pass)
    }
}
