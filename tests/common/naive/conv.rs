//! Convolutions: a window of the output is spread over the input, tap after tap. A sample holds its rows one after another, each
//! with its columns, each with its channels.

use super::{Pass, Twin, Weights, activate_places, of_each, penalty};
use baregrad::activations::Activation;
use baregrad::prelude::*;

/// How windows lie along an axis: the numbers of inputs, outputs and taps, the stride, the dilation, and the padding before.
#[derive(Clone, Copy)]
pub struct Axis {
    pub inputs: usize,
    pub outputs: usize,
    pub taps: usize,
    pub stride: usize,
    pub dilation: usize,
    pub before: usize,
}

impl Axis {
    pub const ONE: Axis = Axis { inputs: 1, outputs: 1, taps: 1, stride: 1, dilation: 1, before: 0 };

    /// The padding of Keras' "same" or "valid", whichever has this many outputs.
    pub fn new(inputs: usize, outputs: usize, taps: usize, stride: usize, dilation: usize) -> Self {
        let reach = (outputs - 1) * stride + (taps - 1) * dilation + 1;
        Axis { inputs, outputs, taps, stride, dilation, before: reach.saturating_sub(inputs) / 2 }
    }

    /// The input that an output sees with a tap.
    pub fn input(&self, output: usize, tap: usize) -> Option<usize> {
        let padded = output * self.stride + tap * self.dilation;
        padded.checked_sub(self.before).filter(|input| *input < self.inputs)
    }
}

/// Calls `visit(output place, tap, input place)` for each pair of places that a convolution joins.
pub fn each(rows: Axis, columns: Axis, mut visit: impl FnMut(usize, usize, usize)) {
    for row in 0..rows.outputs {
        for i in 0..rows.taps {
            let Some(y) = rows.input(row, i) else { continue };
            for column in 0..columns.outputs {
                for j in 0..columns.taps {
                    if let Some(x) = columns.input(column, j) {
                        visit(row * columns.outputs + column, i * columns.taps + j, y * columns.inputs + x);
                    }
                }
            }
        }
    }
}

/// `x ∗ w + b` for one sample; `w` is `[row tap][column tap][in][out]`.
pub fn convolve(rows: Axis, columns: Axis, x: &[f64], w: &[f64], b: &[f64]) -> Vec<f64> {
    let (outputs, channels) = (b.len(), x.len() / (rows.inputs * columns.inputs));
    let mut y = b.repeat(rows.outputs * columns.outputs);
    each(rows, columns, |output, tap, input| {
        let y = &mut y[output * outputs..][..outputs];
        for (c, x) in x[input * channels..][..channels].iter().enumerate() {
            let w = &w[(tap * channels + c) * outputs..][..outputs];
            for o in 0..outputs {
                y[o] += x * w[o];
            }
        }
    });
    y
}

/// The transposed convolution: the axes are those of the convolution that leads back. `w` is `[row tap][column tap][out][in]`.
pub fn spread(rows: Axis, columns: Axis, x: &[f64], w: &[f64], b: &[f64]) -> Vec<f64> {
    let (outputs, channels) = (b.len(), x.len() / (rows.outputs * columns.outputs));
    let mut y = b.repeat(rows.inputs * columns.inputs);
    each(rows, columns, |from, tap, to| {
        let x = &x[from * channels..][..channels];
        for (o, y) in y[to * outputs..][..outputs].iter_mut().enumerate() {
            let w = &w[(tap * outputs + o) * channels..][..channels];
            for c in 0..channels {
                *y += x[c] * w[c];
            }
        }
    });
    y
}

impl<
    const L: usize,
    const C: usize,
    const M: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const D: usize,
    const CAUSAL: bool,
    P: Penalty,
> Twin<[[f32; C]; L]> for Conv1d<[[f32; C]; L], [[f32; O]; M], K, S, A, D, CAUSAL, P>
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let (w, b) = (weights.of(&self.w), weights.of(&self.b));
        let mut columns = Axis::new(L, M, K, S, D);
        if CAUSAL {
            columns.before = (K - 1) * D;
        }
        pass.penalty += penalty::<P>(w);
        of_each(x, &|x| activate_places(A::NAME, &convolve(Axis::ONE, columns, x, w, b), O))
    }
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const D: usize,
    P: Penalty,
> Twin<[[[f32; C]; L]; H]> for Conv2d<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, D, P>
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let (w, b) = (weights.of(&self.w), weights.of(&self.b));
        let (rows, columns) = (Axis::new(H, M, KH, S, D), Axis::new(L, N, KW, S, D));
        pass.penalty += penalty::<P>(w);
        of_each(x, &|x| activate_places(A::NAME, &convolve(rows, columns, x, w, b), O))
    }
}

impl<
    const L: usize,
    const C: usize,
    const M: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const D: usize,
    P: Penalty,
> Twin<[[f32; C]; L]> for Conv1dTranspose<[[f32; C]; L], [[f32; O]; M], K, S, A, D, P>
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let (w, b) = (weights.of(&self.w), weights.of(&self.b));
        let columns = Axis::new(M, L, K, S, D);
        pass.penalty += penalty::<P>(w);
        of_each(x, &|x| activate_places(A::NAME, &spread(Axis::ONE, columns, x, w, b), O))
    }
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const D: usize,
    P: Penalty,
> Twin<[[[f32; C]; L]; H]> for Conv2dTranspose<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, D, P>
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let (w, b) = (weights.of(&self.w), weights.of(&self.b));
        let (rows, columns) = (Axis::new(M, H, KH, S, D), Axis::new(N, L, KW, S, D));
        pass.penalty += penalty::<P>(w);
        of_each(x, &|x| activate_places(A::NAME, &spread(rows, columns, x, w, b), O))
    }
}
