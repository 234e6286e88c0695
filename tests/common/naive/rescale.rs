use super::{Pass, Twin, Weights};
use baregrad::prelude::*;

impl<const N: usize> Twin<[f32; N]> for Rescale<N> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let (offset, scale) = (weights.of(&self.offset), weights.of(&self.scale));
        x.iter().map(|x| (0..N).map(|i| (x[i] - offset[i]) * scale[i]).collect()).collect()
    }
}
