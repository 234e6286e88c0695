use super::{Bytes, Quantization};
use crate::kernels::int8::byte;
use core::marker::PhantomData;

/// The place of the input `X` of an int8 net, with its scale and zero point. Numbers of other types enter by the methods
/// here, so that none is taken for an int8 by mistake.
pub struct Input<'a, X> {
    /// The bytes, one per activation `q`: `q + 128`. Hardware may write here, if its bytes have this scale and zero point: the
    /// pixel of a camera is the byte of the number `pixel · scale` if the zero point is −128.
    pub bytes: &'a mut [u8],
    /// What the bytes stand for.
    pub quantization: Quantization,
    shape: PhantomData<X>,
}

impl<'a, X: Bytes> Input<'a, X> {
    pub(super) fn new(bytes: &'a mut [u8], quantization: Quantization) -> Self {
        Input { bytes, quantization, shape: PhantomData }
    }

    /// Quantizes numbers.
    pub fn set(&mut self, x: &X::Of<f32>) {
        self.fill(x, |quantization, x| quantization.q(x));
    }

    /// Quantizes integers, such as the samples of an ADC. Each stands for the number `x · step`.
    pub fn set_i16(&mut self, x: &X::Of<i16>, step: f32) {
        self.fill(x, |quantization, x| quantization.q(f32::from(x) * step));
    }

    /// Quantizes bytes, such as the pixels of a camera. Each stands for the number `x · step`.
    pub fn set_u8(&mut self, x: &X::Of<u8>, step: f32) {
        self.fill(x, |quantization, x| quantization.q(f32::from(x) * step));
    }

    /// Copies int8 activations that have this scale and zero point.
    pub fn set_int8(&mut self, x: &X::Of<i8>) {
        self.fill(x, |_, x| x);
    }

    #[inline(always)]
    fn fill<T: Copy>(&mut self, x: &X::Of<T>, q: impl Fn(Quantization, T) -> i8) {
        for bytes in X::arrays_mut(self.bytes) {
            bytes.zip(x, &mut |b, x| *b = byte(q(self.quantization, x)));
        }
    }
}
