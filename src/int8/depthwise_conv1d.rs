use super::line::Line;
use super::rows::{Rows, Shape};
use super::{Activation, DepthwiseConv2d, Quantization};

/// A depthwise convolution along a sequence of int8, with one output per channel: TensorFlow Lite's `DEPTHWISE_CONV_2D` whose
/// images have one row or one column, the int8 twin of [`layers::DepthwiseConv1d`](crate::layers::DepthwiseConv1d). `X` and `Y`
/// are [`Sequence`](super::Sequence)s. As there, the padding follows from the lengths.
#[derive(Clone, Copy, Debug)]
pub struct DepthwiseConv1d<X: Line, Y: Line, const K: usize, const S: usize = 1>(
    DepthwiseConv2d<X::Image, Y::Image, K, 1, S>,
);

impl<const L: usize, const C: usize, const M: usize, const K: usize, const S: usize>
    DepthwiseConv1d<[[u8; C]; L], [[u8; C]; M], K, S>
{
    /// A layer with weights `[tap][channel]`, the bytes of int8 with zero point 0, and their scale per channel. A bias has the
    /// scale of the input times the scale of the weights.
    ///
    /// # Panics
    /// If `w` has another length: at compile time, if the layer is a constant or a `static`.
    pub const fn new(
        w: &[u8],
        bias: &[i32; C],
        w_scale: &[f32; C],
        from: Quantization,
        to: Quantization,
        activation: Activation,
    ) -> Self {
        DepthwiseConv1d(DepthwiseConv2d::<[[[u8; C]; 1]; L], [[[u8; C]; 1]; M], K, 1, S>::new(
            w, bias, w_scale, from, to, activation,
        ))
    }
}

impl<const L: usize, const C: usize, const M: usize, const K: usize, const S: usize> Rows
    for DepthwiseConv1d<[[u8; C]; L], [[u8; C]; M], K, S>
{
    type X = [[u8; C]; L];
    type Y = [[u8; C]; M];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = <DepthwiseConv2d<[[[u8; C]; 1]; L], [[[u8; C]; 1]; M], K, 1, S> as Rows>::SHAPE;

    #[inline(always)]
    fn row(&self, state: &mut (), r: usize, x: &[u8], y: &mut [u8]) {
        self.0.row(state, r, x, y);
    }

    fn from(&self) -> Quantization {
        Rows::from(&self.0)
    }

    fn to(&self) -> Quantization {
        Rows::to(&self.0)
    }
}
