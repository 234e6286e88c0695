use super::rows::{Rows, Shape};
use super::{Activation, Quantization};
use crate::kernels::int8::{Output, Range, dot};

/// A dense layer of int8: TensorFlow Lite's `FULLY_CONNECTED`, the int8 twin of [`layers::Dense`](crate::layers::Dense).
///
/// `BYTES` is the number of bytes per weight: 1, or 2 where speed is worth more than flash (faster on Cortex-M4 to M33).
#[derive(Clone, Copy, Debug)]
pub struct Dense<const I: usize, const O: usize, const BYTES: usize = 1> {
    w: [[[u8; BYTES]; I]; O],
    outputs: [Output; O],
    range: Range,
    from: Quantization,
    to: Quantization,
}

impl<const I: usize, const O: usize, const BYTES: usize> Dense<I, O, BYTES> {
    /// A layer with weights `[out][in]`, the bytes of int8 with zero point 0, and their scale per output. A bias has the scale
    /// of the input times the scale of the weights.
    ///
    /// # Panics
    /// If `w` has another length: at compile time, if the layer is a constant or a `static`.
    pub const fn new(
        w: &[u8],
        bias: &[i32; O],
        w_scale: &[f32; O],
        from: Quantization,
        to: Quantization,
        activation: Activation,
    ) -> Self {
        let mut packed = [[[0; BYTES]; I]; O];
        dot::pack::<BYTES>(w, I, packed.as_flattened_mut().as_flattened_mut());
        let outputs = from.outputs(to, w, w_scale, bias, [I, I, 1]);
        Dense { w: packed, outputs, range: to.range(activation), from, to }
    }
}

impl<const I: usize, const O: usize, const BYTES: usize> Rows for Dense<I, O, BYTES> {
    type X = [u8; I];
    type Y = [u8; O];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape::one(I, O);

    #[inline(always)]
    fn row(&self, _: &mut (), _: usize, x: &[u8], y: &mut [u8]) {
        const { dot::assert_no_overflow(I) };
        let x = x.get(..I).unwrap_or_default();
        dot::dots::<BYTES>(x, self.w.as_flattened().as_flattened(), &self.outputs, self.range, y);
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        self.to
    }
}
