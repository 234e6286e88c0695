use super::line::Line;
use super::rows::{Rows, Shape};
use super::{Activation, Conv2d, Quantization};

/// A convolution along a sequence of int8: TensorFlow Lite's `CONV_2D` whose images have one row or one column, the int8 twin of
/// [`layers::Conv1d`](crate::layers::Conv1d). `X` and `Y` are [`Sequence`](super::Sequence)s. As there, the padding follows from
/// the lengths. `BYTES` is as for [`Conv2d`].
///
/// ```
/// use baregrad::int8::{Activation, Conv1d, Layer, Memory, Quantization, Sequence};
///
/// const ONE: Quantization = Quantization { scale: 1.0, zero_point: 0 };
/// type Conv = Conv1d<Sequence<4, 1>, Sequence<3, 1>, 2>;
/// static CONV: Conv = Conv::new(&[1, 2], &[0], &[1.0], ONE, ONE, Activation::None);
/// let mut memory = Memory::<Conv, { Conv::ARENA }>::NEW;
/// CONV.input(&mut memory).set_int8(&[[1], [2], [3], [4]]);
/// assert_eq!(CONV.infer(&mut memory).int8(), [[5], [8], [11]]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Conv1d<X: Line, Y: Line, const K: usize, const S: usize = 1, const BYTES: usize = 1>(
    Conv2d<X::Image, Y::Image, K, 1, S, BYTES>,
);

impl<const L: usize, const C: usize, const M: usize, const O: usize, const K: usize, const S: usize, const BYTES: usize>
    Conv1d<[[u8; C]; L], [[u8; O]; M], K, S, BYTES>
{
    /// A layer with weights `[out][tap][in]`, the bytes of int8 with zero point 0, and their scale per output. A bias has the
    /// scale of the input times the scale of the weights.
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
        Conv1d(Conv2d::<[[[u8; C]; 1]; L], [[[u8; O]; 1]; M], K, 1, S, BYTES>::new(
            w, bias, w_scale, from, to, activation,
        ))
    }
}

impl<const L: usize, const C: usize, const M: usize, const O: usize, const K: usize, const S: usize, const BYTES: usize>
    Rows for Conv1d<[[u8; C]; L], [[u8; O]; M], K, S, BYTES>
{
    type X = [[u8; C]; L];
    type Y = [[u8; O]; M];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = <Conv2d<[[[u8; C]; 1]; L], [[[u8; O]; 1]; M], K, 1, S, BYTES> as Rows>::SHAPE;

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
