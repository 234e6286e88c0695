use super::{Pass, Twin, Weights, activate, of_each, penalty};
use baregrad::activations::Activation;
use baregrad::prelude::*;

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Twin<[f32; I]> for Dense<I, O, A, P> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let (w, b) = (weights.of(&self.w), weights.of(&self.b));
        pass.penalty += penalty::<P>(w);
        of_each(x, &|x| activate(A::NAME, &affine(x, w, b)))
    }
}

/// `x · w + b` for one sample; `w` is `[in][out]`.
pub fn affine(x: &[f64], w: &[f64], b: &[f64]) -> Vec<f64> {
    let o = b.len();
    (0..o).map(|j| b[j] + (0..x.len()).map(|i| x[i] * w[i * o + j]).sum::<f64>()).collect()
}

/// `dy · wᵀ` for one sample with `inputs` inputs.
pub fn input_gradient(dy: &[f64], w: &[f64], inputs: usize) -> Vec<f64> {
    let o = dy.len();
    (0..inputs).map(|i| (0..o).map(|j| dy[j] * w[i * o + j]).sum()).collect()
}

/// `(xᵀ · dy, Σ dy)` over all samples.
pub fn weight_gradient(x: &[Vec<f64>], dy: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let (inputs, o) = (x[0].len(), dy[0].len());
    let entry = |i: usize, j: usize| x.iter().zip(dy).map(|(x, dy)| x[i] * dy[j]).sum::<f64>();
    let dw = (0..inputs * o).map(|at| entry(at / o, at % o)).collect();
    (dw, (0..o).map(|j| dy.iter().map(|dy| dy[j]).sum()).collect())
}
