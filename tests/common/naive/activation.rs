use super::{Pass, Twin, Weights, activate_places, of_each};
use baregrad::activations::Activation;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

impl<X: Tensor, A: Activation> Twin<X> for Activate<A> {
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        of_each(x, &|x| activate_places(A::NAME, x, X::SHAPE[X::RANK - 1]))
    }
}
