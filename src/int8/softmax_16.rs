use super::rows::{Rows, Shape};
use super::{Int16, Quantization};
use crate::kernels::int8::softmax::{Scaled, softmax_16};

/// Probabilities of `N` classes, in steps of 1/65,536: TensorFlow Lite Micro's `SOFTMAX` from int8 to int16.
///
/// ```
/// use baregrad::int8::{Layer, Memory, Quantization, Softmax16};
///
/// static SOFTMAX: Softmax16<2> = Softmax16::new(Quantization { scale: 0.5, zero_point: 0 });
/// let mut memory = Memory::<Softmax16<2>, 6>::NEW;
/// SOFTMAX.input(&mut memory).set(&[1.5, 1.5]);
/// assert_eq!(SOFTMAX.infer(&mut memory).int16(), [0; 2]); // 32,768 steps above the lowest int16
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Softmax16<const N: usize> {
    scaled: Scaled,
    from: Quantization,
}

impl<const N: usize> Softmax16<N> {
    /// The scale and zero point of the probabilities. The zero point is that of int16, −32,768, divided by 256.
    pub const PROBABILITIES: Quantization = Quantization { scale: 1.0 / 65536.0, zero_point: -128 };

    /// A softmax of inputs of a scale and zero point.
    pub const fn new(from: Quantization) -> Self {
        Softmax16 { scaled: Scaled::new(from.scale), from }
    }
}

impl<const N: usize> Rows for Softmax16<N> {
    type X = [u8; N];
    type Y = Int16<N>;
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape::one(N, 2 * N);

    #[inline(always)]
    fn row(&self, _: &mut (), _: usize, x: &[u8], y: &mut [u8]) {
        softmax_16(x.get(..N).unwrap_or_default(), self.scaled, y.as_chunks_mut().0);
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        Self::PROBABILITIES
    }
}
