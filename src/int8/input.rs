use super::{Bytes, Multiplier, Quantization, Range};
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
        let to = self.quantization;
        self.fill(x, |x| byte(to.q(x)));
    }

    /// Quantizes numbers in the order of memory.
    pub(super) fn set_numbers(&mut self, x: &[f32]) {
        self.quantization.quantize(x, self.bytes);
    }

    /// Quantizes integers, such as the samples of an ADC. Each stands for the number `x · step`. No float is computed per
    /// integer: the bytes are those of TensorFlow Lite's `QUANTIZE` from int16 to int8.
    pub fn set_i16(&mut self, x: &X::Of<i16>, step: f32) {
        let (factor, range) = self.scaled(step);
        self.fill(x, |x| range.byte(factor.saturating(i32::from(x))));
    }

    /// Quantizes bytes, such as the pixels of a camera. Each stands for the number `x · step`. No float is computed per byte:
    /// the bytes are those of TensorFlow Lite's `QUANTIZE` from uint8 to int8.
    pub fn set_u8(&mut self, x: &X::Of<u8>, step: f32) {
        let (factor, range) = self.scaled(step);
        self.fill(x, |x| range.byte(factor.saturating(i32::from(x))));
    }

    /// Copies int8 activations that have this scale and zero point.
    pub fn set_int8(&mut self, x: &X::Of<i8>) {
        self.fill(x, byte);
    }

    /// From units of `step` to those of the input.
    fn scaled(&self, step: f32) -> (Multiplier, Range) {
        let Quantization { scale, zero_point } = self.quantization;
        (Multiplier::new(f64::from(step) / f64::from(scale)), Range::all(zero_point))
    }

    #[inline(always)]
    fn fill<T: Copy>(&mut self, x: &X::Of<T>, f: impl Fn(T) -> u8) {
        for bytes in X::arrays_mut(self.bytes) {
            bytes.zip(x, &mut |b, x| *b = f(x));
        }
    }
}
