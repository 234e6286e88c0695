use super::windows::{Axis, seen};
use super::{Pass, Twin, Weights, activate};
use baregrad::activations::Activation;
use baregrad::prelude::*;
use baregrad::tensor::{Image, Sequence};

impl<
    const L: usize,
    const M: usize,
    const C: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const D: usize,
    const CAUSAL: bool,
> Twin<Sequence<L, C>> for DepthwiseConv1d<Sequence<L, C>, Sequence<M, C>, K, S, A, D, CAUSAL>
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let (w, b) = (weights.of(&self.w), weights.of(&self.b));
        let columns = Axis { inputs: L, outputs: M, taps: K, stride: S, dilation: D, causal: CAUSAL };
        depthwise::<A>(&seen(Axis::pool(1, 1, 1, 1), columns, C), w, b, x)
    }
}

impl<
    const H: usize,
    const W: usize,
    const U: usize,
    const V: usize,
    const C: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const D: usize,
> Twin<Image<H, W, C>> for DepthwiseConv2d<Image<H, W, C>, Image<U, V, C>, KH, KW, S, A, D>
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let (w, b) = (weights.of(&self.w), weights.of(&self.b));
        let rows = Axis { dilation: D, ..Axis::pool(H, U, KH, S) };
        let columns = Axis { dilation: D, ..Axis::pool(W, V, KW, S) };
        depthwise::<A>(&seen(rows, columns, C), w, b, x)
    }
}

/// An activation of a whole sample, such as softmax, is one of the channels of a place.
fn depthwise<A: Activation>(seen: &[Vec<(usize, usize)>], w: &[f64], b: &[f64], x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let channels = b.len();
    let sample = |x: &Vec<f64>| -> Vec<f64> {
        let sum = |(o, seen): (usize, &Vec<(usize, usize)>)| {
            let c = o % channels;
            b[c] + seen.iter().map(|(i, tap)| x[*i] * w[tap * channels + c]).sum::<f64>()
        };
        let z: Vec<f64> = seen.iter().enumerate().map(sum).collect();
        z.chunks(channels).flat_map(|z| activate(A::NAME, z)).collect()
    };
    x.iter().map(sample).collect()
}
