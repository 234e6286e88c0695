use super::{Pass, Twin, Weights, activate};
use baregrad::activations::Activation;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

impl<X: Tensor, A: Activation> Twin<X> for Activate<A> {
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let row = X::SHAPE[X::RANK - 1];
        x.iter().map(|x| x.chunks(row).flat_map(|row| activate(A::NAME, row)).collect()).collect()
    }
}
