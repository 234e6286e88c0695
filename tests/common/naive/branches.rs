use super::{Pass, Twin, Weights};
use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

/// One output of those of two branches.
pub trait TwinMerge {
    fn merge(a: Vec<f64>, b: Vec<f64>) -> Vec<f64>;
}

impl<X: Tensor, A: Twin<X>, B: Twin<X>, M: TwinMerge> Twin<X> for Branches<A, B, M>
where
    Self: Layer<X>,
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let (a, b) = (self.a.twin(weights, x, pass), self.b.twin(weights, x, pass));
        a.into_iter().zip(b).map(|(a, b)| M::merge(a, b)).collect()
    }
}
