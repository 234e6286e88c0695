use super::Quantization;
use super::rows::{Rows, Shape};
use crate::kernels::int8::softmax::{Scaled, softmax};

/// Probabilities of `N` classes, in steps of 1/256: TensorFlow Lite Micro's `SOFTMAX` of int8.
#[derive(Clone, Copy, Debug)]
pub struct Softmax<const N: usize> {
    scaled: Scaled,
    from: Quantization,
}

impl<const N: usize> Softmax<N> {
    /// The scale and zero point of the probabilities.
    pub const PROBABILITIES: Quantization = Quantization { scale: 1.0 / 256.0, zero_point: -128 };

    /// A softmax of inputs of a scale and zero point.
    pub const fn new(from: Quantization) -> Self {
        Softmax { scaled: Scaled::new(from.scale), from }
    }
}

impl<const N: usize> Rows for Softmax<N> {
    type X = [u8; N];
    type Y = [u8; N];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape::one(N, N);

    #[inline(always)]
    fn row(&self, _: &mut (), _: usize, x: &[u8], y: &mut [u8]) {
        softmax(x.get(..N).unwrap_or_default(), self.scaled, y);
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        Self::PROBABILITIES
    }
}
