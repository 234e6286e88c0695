//! Which int8 operator computes which float layer.

use super::twin::{quantizable, same_bytes};
use super::{
    Activation, AveragePool, Conv2d, Dense, DepthwiseConv2d, Quantizable, Quantization, Reshape, ToBytes, Twin,
};
use crate::activations::{Linear, Relu};
use crate::kernels::int8::weights;
use crate::layers;
use crate::net::Chain;
use crate::tensor::{Image, Penalty, Places};

/// An activation that an int8 layer computes with its range.
#[diagnostic::on_unimplemented(
    message = "an int8 layer does not compute `{Self}`",
    note = "it computes `Linear` and `Relu`; others are layers of their own, such as `Activate<Softmax>`"
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

impl<const I: usize, const O: usize, A: Fused, P: Penalty> Twin<[f32; I]> for layers::Dense<I, O, A, P> {
    type Int8 = Dense<I, O>;

    fn twin(&self, from: Quantization, to: Quantization) -> Dense<I, O> {
        let (mut w, mut scale, mut bias) = ([[0; I]; O], [0.0; O], [0; O]);
        let floats = self.w.as_flattened();
        weights::scales(floats, &mut scale);
        weights::quantize_transposed(floats, &scale, w.as_flattened_mut());
        weights::quantize_biases(&self.b, from.scale, &scale, &mut bias);
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
        let (mut w, mut scale, mut bias) = ([[[[0; C]; KW]; KH]; O], [0.0; O], [0; O]);
        let flat = w.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        let floats = self.w.as_flattened().as_flattened().as_flattened();
        weights::scales(floats, &mut scale);
        weights::quantize_transposed(floats, &scale, flat);
        weights::quantize_biases(&self.b, from.scale, &scale, &mut bias);
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
        let (mut w, mut scale, mut bias) = ([[[0; C]; KW]; KH], [0.0; C], [0; C]);
        let flat = w.as_flattened_mut().as_flattened_mut();
        let floats = self.w.as_flattened().as_flattened();
        weights::scales(floats, &mut scale);
        weights::quantize(floats, &scale, flat);
        weights::quantize_biases(&self.b, from.scale, &scale, &mut bias);
        DepthwiseConv2d::new(flat, &bias, &scale, from, to, A::ACTIVATION)
    }
}

quantizable!(
    [const H: usize, const L: usize, const C: usize, const M: usize, const N: usize, const KH: usize, const KW: usize,
     const S: usize, A: Fused]
    Image<H, L, C>, layers::DepthwiseConv2d<Image<H, L, C>, Image<M, N, C>, KH, KW, S, A>
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

impl<X: ToBytes, Y: ToBytes> Quantizable<X> for layers::Reshape<Y> {
    same_bytes!(X);
}

impl<X: ToBytes, const PERCENT: u32> Quantizable<X> for layers::Dropout<PERCENT> {
    same_bytes!(X);
}

impl<X: ToBytes + Places, const PERCENT: u32> Quantizable<X> for layers::SpatialDropout<PERCENT> {
    same_bytes!(X);
}
