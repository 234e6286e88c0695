use super::rows::{Rows, Shape};
use super::{Places, Quantization};
use crate::kernels::axis::Axis;
use crate::kernels::int8::byte;
use core::marker::PhantomData;

/// Zeros around an image: TensorFlow Lite's `PAD`, the int8 twin of [`layers::ZeroPadding2d`](crate::layers::ZeroPadding2d). `X` and
/// `Y` are [`Image`](super::Image)s of the same channels. `Y` has the place (`TOP`, `LEFT`) where `X` has its first. The scale stays.
///
/// Windows of a layer behind it can have its padding as [`Padded`](super::Padded) without it.
///
/// ```
/// use baregrad::int8::{Image, Layer, Memory, Pad, Quantization};
///
/// type Around = Pad<Image<1, 2, 1>, Image<2, 4, 1>, 1, 1>;
/// static AROUND: Around = Around::new(Quantization { scale: 1.0, zero_point: 3 });
/// let mut memory = Memory::<Around, { Around::ARENA }>::NEW;
/// AROUND.input(&mut memory).set_int8(&[[[7], [8]]]);
/// assert_eq!(AROUND.infer(&mut memory).int8(), [[[3]; 4], [[3], [7], [8], [3]]]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Pad<X, Y, const TOP: usize, const LEFT: usize> {
    of: Quantization,
    kind: PhantomData<fn(X) -> Y>,
}

impl<X: Places, Y: Places, const TOP: usize, const LEFT: usize> Pad<X, Y, TOP, LEFT> {
    /// A padding of a tensor of this scale and zero point.
    pub const fn new(of: Quantization) -> Self {
        Pad { of, kind: PhantomData }
    }
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const TOP: usize,
    const LEFT: usize,
> Rows for Pad<[[[u8; C]; L]; H], [[[u8; C]; N]; M], TOP, LEFT>
{
    type X = [[[u8; C]; L]; H];
    type Y = [[[u8; C]; N]; M];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = {
        assert!(TOP + H <= M && LEFT + L <= N, "the input does not lie within the output");
        // Rows of zeros see no input.
        Shape { axis: Axis { inputs: H, outputs: M, taps: 1, stride: 1, dilation: 1, before: TOP }, x: L * C, y: N * C }
    };

    #[inline(always)]
    fn row(&self, _: &mut (), r: usize, x: &[u8], y: &mut [u8]) {
        y.fill(byte(self.of.zero_point));
        if let (true, Some(x), Some(y)) =
            (Self::SHAPE.axis.input(r, 0).is_some(), x.get(..L * C), y.get_mut(LEFT * C..(LEFT + L) * C))
        {
            y.copy_from_slice(x);
        }
    }

    fn from(&self) -> Quantization {
        self.of
    }

    fn to(&self) -> Quantization {
        self.of
    }
}
