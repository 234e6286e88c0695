use super::{Pass, Twin, Weights};
use baregrad::net::InPlaceLayer;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

impl<X: Tensor, L: Twin<X> + InPlaceLayer<X>> Twin<X> for InPlace<L> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        self.0.twin(weights, x, pass)
    }
}
