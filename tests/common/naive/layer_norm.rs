use super::{Pass, Twin, Weights, of_each};
use baregrad::prelude::*;

impl<const N: usize> Twin<[f32; N]> for LayerNorm<N> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let (gamma, beta) = (weights.of(&self.gamma), weights.of(&self.beta));
        of_each(x, &|x| layer_norm(x, gamma, beta, f64::from(self.epsilon)))
    }
}

/// `(x − mean) / √(variance + ε) · gamma + beta`.
pub fn layer_norm(x: &[f64], gamma: &[f64], beta: &[f64], epsilon: f64) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (0..x.len()).map(|i| (x[i] - mean) / (variance + epsilon).sqrt() * gamma[i] + beta[i]).collect()
}
