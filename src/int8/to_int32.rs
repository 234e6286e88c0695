use super::rows::{Rows, Shape};
use super::{Int16, Int32, Multiplier, Quantization};

/// The same `N` numbers with another scale: TensorFlow Lite's `QUANTIZE` from int16 to int32, whose zero point is 0.
#[derive(Clone, Copy, Debug)]
pub struct ToInt32<const N: usize> {
    factor: Multiplier,
    from: Quantization,
    to: Quantization,
}

impl<const N: usize> ToInt32<N> {
    /// From an int16 output to int32 of a scale.
    pub const fn new(from: Quantization, scale: f32) -> Self {
        let factor = Multiplier::new(from.scale as f64 / scale as f64);
        ToInt32 { factor, from, to: Quantization { scale, zero_point: 0 } }
    }
}

impl<const N: usize> Rows for ToInt32<N> {
    type X = Int16<N>;
    type Y = Int32<N>;
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape::one(2 * N, 4 * N);

    #[inline(always)]
    fn row(&self, _: &mut (), _: usize, x: &[u8], y: &mut [u8]) {
        let zero = 256 * (i32::from(self.from.zero_point) + 128);
        for (x, y) in x.as_chunks().0.iter().zip(y.as_chunks_mut().0) {
            let q = self.factor.saturating(i32::from(u16::from_le_bytes(*x)) - zero);
            *y = (q as u32 ^ 0x8000_0000).to_le_bytes();
        }
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        self.to
    }
}
