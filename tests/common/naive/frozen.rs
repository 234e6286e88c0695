use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

impl<X: Tensor, L: Twin<X>> Twin<X> for Frozen<L> {
    /// It infers while training, too.
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let mut inference = Pass::default();
        let y = self.0.twin(weights, x, &mut inference);
        pass.penalty += inference.penalty;
        y
    }
}
