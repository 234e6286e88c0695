use super::{Bytes, Quantization};
use crate::kernels::int8::activation;
use core::marker::PhantomData;

/// A tensor `X` of an int8 net, with its scale and zero point.
#[derive(Clone, Copy, Debug)]
pub struct Quantized<'a, X> {
    /// The bytes, one per activation `q`: `q + 128`.
    pub bytes: &'a [u8],
    /// What they stand for.
    pub quantization: Quantization,
    shape: PhantomData<X>,
}

impl<'a, X: Bytes> Quantized<'a, X> {
    pub(super) fn new(bytes: &'a [u8], quantization: Quantization) -> Self {
        Quantized { bytes, quantization, shape: PhantomData }
    }

    /// Returns the numbers that the bytes stand for.
    pub fn numbers(&self) -> X::Of<f32> {
        self.map(|q| self.quantization.number(q))
    }

    /// Returns the int8 activations.
    pub fn int8(&self) -> X::Of<i8> {
        self.map(|q| q)
    }

    #[inline(always)]
    fn map<T: Copy>(&self, f: impl Fn(i8) -> T) -> X::Of<T> {
        // The bytes are one array.
        X::arrays(self.bytes).first().unwrap_or(&X::ZERO).map(&mut |b| f(activation(b)))
    }
}
