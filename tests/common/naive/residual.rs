use super::{Pass, Twin, Weights};
use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

impl<X: Tensor, F: Twin<X>> Twin<X> for Residual<F>
where
    Self: Layer<X>,
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let add = |(f, x): (Vec<f64>, &Vec<f64>)| f.iter().zip(x).map(|(f, x)| f + x).collect();
        self.0.twin(weights, x, pass).into_iter().zip(x).map(add).collect()
    }
}
