//! Which int8 operator computes which float layer.

use super::twin::{quantizable, same_scale};
use super::{Activation, AveragePool, Conv1d, Conv2d, Dense, DepthwiseConv1d, DepthwiseConv2d, MaxPool, Quantizable};
use super::{Pad, Quantization, Reshape, Sigmoid, Softmax, Tanh, ToBytes, Twin};
use crate::activations::{self, Linear, Relu, Relu6};
use crate::kernels::int8::weights;
use crate::layers;
use crate::net::Chain;
use crate::tensor::{Image, Penalty, Places, Sequence};

/// An activation that an int8 layer computes with its range.
#[diagnostic::on_unimplemented(
    message = "an int8 layer does not compute `{Self}`",
    note = "it computes `Linear`, `Relu` and `Relu6`; others are layers of their own, such as `Activate<Softmax>`"
)]
pub trait Fused: crate::activations::Activation {
    /// The activation.
    const ACTIVATION: Activation;
}

impl Fused for Linear {
    const ACTIVATION: Activation = Activation::None;
}

impl Fused for Relu {
    const ACTIVATION: Activation = Activation::Relu;
}

impl Fused for Relu6 {
    const ACTIVATION: Activation = Activation::Relu6;
}

impl<const I: usize, const O: usize, A: Fused, P: Penalty> Twin<[f32; I]> for layers::Dense<I, O, A, P> {
    type Int8 = Dense<I, O>;

    fn twin(&self, from: Quantization, to: Quantization) -> Dense<I, O> {
        let mut w = [[0; I]; O];
        let floats = self.w.as_flattened();
        let (scale, bias) =
            weights::layer(floats, &self.b, from.scale, weights::quantize_transposed, w.as_flattened_mut());
        Dense::new(w.as_flattened(), &bias, &scale, from, to, A::ACTIVATION)
    }
}

quantizable!([const I: usize, const O: usize, A: Fused, P: Penalty] [f32; I], layers::Dense<I, O, A, P>);

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
    A: Fused,
    P: Penalty,
> Twin<Image<H, L, C>> for layers::Conv2d<Image<H, L, C>, Image<M, N, O>, KH, KW, S, A, 1, P>
{
    type Int8 = Conv2d<super::Image<H, L, C>, super::Image<M, N, O>, KH, KW, S>;

    fn twin(&self, from: Quantization, to: Quantization) -> Self::Int8 {
        let mut w = [[[[0; C]; KW]; KH]; O];
        let flat = w.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        let floats = self.w.as_flattened().as_flattened().as_flattened();
        let (scale, bias) = weights::layer(floats, &self.b, from.scale, weights::quantize_transposed, flat);
        Conv2d::new(flat, &bias, &scale, from, to, A::ACTIVATION)
    }
}

quantizable!(
    [const H: usize, const L: usize, const C: usize, const M: usize, const N: usize, const O: usize, const KH: usize,
     const KW: usize, const S: usize, A: Fused, P: Penalty]
    Image<H, L, C>, layers::Conv2d<Image<H, L, C>, Image<M, N, O>, KH, KW, S, A, 1, P>
);

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Fused,
> Twin<Image<H, L, C>> for layers::DepthwiseConv2d<Image<H, L, C>, Image<M, N, C>, KH, KW, S, A>
{
    type Int8 = DepthwiseConv2d<super::Image<H, L, C>, super::Image<M, N, C>, KH, KW, S>;

    fn twin(&self, from: Quantization, to: Quantization) -> Self::Int8 {
        let mut w = [[[0; C]; KW]; KH];
        let flat = w.as_flattened_mut().as_flattened_mut();
        let floats = self.w.as_flattened().as_flattened();
        let (scale, bias) = weights::layer(floats, &self.b, from.scale, weights::quantize, flat);
        DepthwiseConv2d::new(flat, &bias, &scale, from, to, A::ACTIVATION)
    }
}

quantizable!(
    [const H: usize, const L: usize, const C: usize, const M: usize, const N: usize, const KH: usize, const KW: usize,
     const S: usize, A: Fused]
    Image<H, L, C>, layers::DepthwiseConv2d<Image<H, L, C>, Image<M, N, C>, KH, KW, S, A>
);

impl<
    const L: usize,
    const C: usize,
    const M: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    A: Fused,
    P: Penalty,
> Twin<Sequence<L, C>> for layers::Conv1d<Sequence<L, C>, Sequence<M, O>, K, S, A, 1, false, P>
{
    type Int8 = Conv1d<super::Sequence<L, C>, super::Sequence<M, O>, K, S>;

    fn twin(&self, from: Quantization, to: Quantization) -> Self::Int8 {
        let mut w = [[[0; C]; K]; O];
        let (flat, floats) = (w.as_flattened_mut().as_flattened_mut(), self.w.as_flattened().as_flattened());
        let (scale, bias) = weights::layer(floats, &self.b, from.scale, weights::quantize_transposed, flat);
        Conv1d::new(flat, &bias, &scale, from, to, A::ACTIVATION)
    }
}

quantizable!(
    [const L: usize, const C: usize, const M: usize, const O: usize, const K: usize, const S: usize, A: Fused, P: Penalty]
    Sequence<L, C>, layers::Conv1d<Sequence<L, C>, Sequence<M, O>, K, S, A, 1, false, P>
);

impl<const L: usize, const C: usize, const M: usize, const K: usize, const S: usize, A: Fused> Twin<Sequence<L, C>>
    for layers::DepthwiseConv1d<Sequence<L, C>, Sequence<M, C>, K, S, A>
{
    type Int8 = DepthwiseConv1d<super::Sequence<L, C>, super::Sequence<M, C>, K, S>;

    fn twin(&self, from: Quantization, to: Quantization) -> Self::Int8 {
        let mut w = [[0; C]; K];
        let (scale, bias) =
            weights::layer(self.w.as_flattened(), &self.b, from.scale, weights::quantize, w.as_flattened_mut());
        DepthwiseConv1d::new(w.as_flattened(), &bias, &scale, from, to, A::ACTIVATION)
    }
}

quantizable!(
    [const L: usize, const C: usize, const M: usize, const K: usize, const S: usize, A: Fused]
    Sequence<L, C>, layers::DepthwiseConv1d<Sequence<L, C>, Sequence<M, C>, K, S, A>
);

impl<const H: usize, const L: usize, const C: usize> Twin<Image<H, L, C>> for layers::GlobalAveragePool {
    type Int8 =
        Chain<AveragePool<super::Image<H, L, C>, super::Image<1, 1, C>, H, L>, Reshape<super::Image<1, 1, C>, [u8; C]>>;

    fn twin(&self, from: Quantization, _: Quantization) -> Self::Int8 {
        Chain(AveragePool::new(from, Activation::None), Reshape::new(from))
    }

    fn output(from: Quantization, _: Quantization) -> Quantization {
        from
    }
}

quantizable!([const H: usize, const L: usize, const C: usize] Image<H, L, C>, layers::GlobalAveragePool);

impl<const L: usize, const C: usize> Twin<Sequence<L, C>> for layers::GlobalAveragePool {
    type Int8 = AsImage<L, C, [u8; C], AveragePool<super::Image<L, 1, C>, super::Image<1, 1, C>, L, 1>>;

    fn twin(&self, from: Quantization, _: Quantization) -> Self::Int8 {
        Chain(Reshape::new(from), Chain(AveragePool::new(from, Activation::None), Reshape::new(from)))
    }

    fn output(from: Quantization, _: Quantization) -> Quantization {
        from
    }
}

quantizable!([const L: usize, const C: usize] Sequence<L, C>, layers::GlobalAveragePool);

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const TOP: usize,
    const LEFT: usize,
> Quantizable<Image<H, L, C>> for layers::ZeroPadding<Image<H, L, C>, Image<M, N, C>, TOP, LEFT>
{
    same_scale!(Image<H, L, C>, Pad<super::Image<H, L, C>, super::Image<M, N, C>, TOP, LEFT>, Pad::new);
}

impl<X: ToBytes, Y: ToBytes> Quantizable<X> for layers::Reshape<Y> {
    same_scale!(X, Reshape<X::Bytes, Y::Bytes>, Reshape::new);
}

impl<X: ToBytes, const PERCENT: u32> Quantizable<X> for layers::Dropout<PERCENT> {
    same_scale!(X, Reshape<X::Bytes, X::Bytes>, Reshape::new);
}

impl<X: ToBytes + Places, const PERCENT: u32> Quantizable<X> for layers::SpatialDropout<PERCENT> {
    same_scale!(X, Reshape<X::Bytes, X::Bytes>, Reshape::new);
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
> Quantizable<Image<H, L, C>> for layers::MaxPool<Image<H, L, C>, Image<M, N, C>, KH, KW, S, S>
{
    same_scale!(Image<H, L, C>, MaxPool<super::Image<H, L, C>, super::Image<M, N, C>, KH, KW, S>, max_pool);
}

impl<const L: usize, const C: usize, const M: usize, const K: usize, const S: usize> Quantizable<Sequence<L, C>>
    for layers::MaxPool<Sequence<L, C>, Sequence<M, C>, 1, K, 1, S>
{
    same_scale!(Sequence<L, C>, AsImage<L, C, super::Sequence<M, C>, Tall<L, M, C, K, S>>, as_image);
}

impl<const H: usize, const L: usize, const C: usize> Quantizable<Image<H, L, C>> for layers::GlobalMaxPool {
    same_scale!(
        Image<H, L, C>,
        Chain<MaxPool<super::Image<H, L, C>, super::Image<1, 1, C>, H, L>, Reshape<super::Image<1, 1, C>, [u8; C]>>,
        pool_all
    );
}

impl<const L: usize, const C: usize> Quantizable<Sequence<L, C>> for layers::GlobalMaxPool {
    same_scale!(Sequence<L, C>, AsImage<L, C, [u8; C], Tall<L, 1, C, L, 1>>, as_image);
}

/// A pool of an image that has one column.
type Tall<const L: usize, const M: usize, const C: usize, const K: usize, const S: usize> =
    MaxPool<super::Image<L, 1, C>, super::Image<M, 1, C>, K, 1, S>;

/// An operator on a sequence as an image of one column. It gives `Y`.
type AsImage<const L: usize, const C: usize, Y, Operator> = Chain<
    Reshape<super::Sequence<L, C>, super::Image<L, 1, C>>,
    Chain<Operator, Reshape<<Operator as super::Layer>::Y, Y>>,
>;

fn max_pool<X: super::Places, Y: super::Places, const KH: usize, const KW: usize, const S: usize>(
    of: Quantization,
) -> MaxPool<X, Y, KH, KW, S> {
    MaxPool::new(of, Activation::None)
}

fn pool_all<const H: usize, const L: usize, const C: usize>(
    of: Quantization,
) -> Chain<MaxPool<super::Image<H, L, C>, super::Image<1, 1, C>, H, L>, Reshape<super::Image<1, 1, C>, [u8; C]>> {
    Chain(max_pool(of), Reshape::new(of))
}

fn as_image<Y: super::Bytes, const L: usize, const M: usize, const C: usize, const K: usize, const S: usize>(
    of: Quantization,
) -> AsImage<L, C, Y, Tall<L, M, C, K, S>> {
    Chain(Reshape::new(of), Chain(max_pool(of), Reshape::new(of)))
}

impl<const N: usize> Twin<[f32; N]> for layers::Activate<activations::Softmax> {
    type Int8 = Softmax<N>;

    fn twin(&self, from: Quantization, _: Quantization) -> Softmax<N> {
        Softmax::new(from)
    }

    fn output(_: Quantization, _: Quantization) -> Quantization {
        Softmax::<N>::PROBABILITIES
    }
}

quantizable!([const N: usize] [f32; N], layers::Activate<activations::Softmax>);

impl<X: ToBytes> Twin<X> for layers::Activate<activations::Sigmoid> {
    type Int8 = Sigmoid<X::Bytes>;

    fn twin(&self, from: Quantization, _: Quantization) -> Self::Int8 {
        Sigmoid::<X::Bytes>::new(from)
    }

    fn output(_: Quantization, _: Quantization) -> Quantization {
        Sigmoid::<X::Bytes>::OUTPUTS
    }
}

quantizable!([X: ToBytes] X, layers::Activate<activations::Sigmoid>);

impl<X: ToBytes> Twin<X> for layers::Activate<activations::Tanh> {
    type Int8 = Tanh<X::Bytes>;

    fn twin(&self, from: Quantization, _: Quantization) -> Self::Int8 {
        Tanh::<X::Bytes>::new(from)
    }

    fn output(_: Quantization, _: Quantization) -> Quantization {
        Tanh::<X::Bytes>::OUTPUTS
    }
}

quantizable!([X: ToBytes] X, layers::Activate<activations::Tanh>);
