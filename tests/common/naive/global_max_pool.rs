use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::{Places, Tensor};

impl<X: Places> Twin<X> for GlobalMaxPool {
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let channels = X::Place::LEN;
        let largest =
            |x: &[f64], c: usize| x.iter().skip(c).step_by(channels).copied().fold(f64::NEG_INFINITY, f64::max);
        x.iter().map(|x| (0..channels).map(|c| largest(x, c)).collect()).collect()
    }
}
