use super::rows::{Rows, Shape};
use super::{Activation, Quantization, Windows, places::Places, windows};
use crate::kernels::axis::Axis;
use crate::kernels::int8::{Range, pool};
use core::marker::PhantomData;

/// Windows of `KH` by `KW` places, `S` places apart, of which `F` makes one place: [`AveragePool`] and [`MaxPool`]. `X` and `Y`
/// are [`Image`](super::Image)s. The padding follows from the lengths, unless `W` says something else; it does not count. The
/// scale stays.
#[derive(Clone, Copy, Debug)]
pub struct Pool<X, Y, const KH: usize, const KW: usize, const S: usize, F, W = ()> {
    range: Range,
    of: Quantization,
    kind: PhantomData<fn(X) -> (Y, F, W)>,
}

/// The mean of windows: TensorFlow Lite's `AVERAGE_POOL_2D`, the int8 twin of [`layers::AveragePool2d`](crate::layers::AveragePool2d).
pub type AveragePool<X, Y, const KH: usize, const KW: usize, const S: usize = 1, W = ()> =
    Pool<X, Y, KH, KW, S, Mean, W>;

/// The largest activation of windows: TensorFlow Lite's `MAX_POOL_2D`, the int8 twin of
/// [`layers::MaxPool2d`](crate::layers::MaxPool2d).
///
/// ```
/// use baregrad::int8::{Activation, Image, Layer, MaxPool, Memory, Quantization};
///
/// type Windows = MaxPool<Image<4, 2, 1>, Image<2, 1, 1>, 2, 2, 2>;
/// static POOL: Windows = Windows::new(Quantization { scale: 1.0, zero_point: 0 }, Activation::Relu);
/// let mut memory = Memory::<Windows, { Windows::ARENA }>::NEW;
/// POOL.input(&mut memory).set_int8(&[[[1], [2]], [[3], [-4]], [[-5], [-6]], [[-7], [-8]]]);
/// assert_eq!(POOL.infer(&mut memory).int8(), [[[3]], [[0]]]);
/// ```
pub type MaxPool<X, Y, const KH: usize, const KW: usize, const S: usize = 1, W = ()> =
    Pool<X, Y, KH, KW, S, Largest, W>;

/// What a [`Pool`] makes of the rows of a window.
pub trait Pooling {
    /// Writes one place.
    fn pool<'a, const C: usize>(rows: impl Iterator<Item = &'a [[u8; C]]> + Clone, range: Range, y: &mut [u8; C]);
}

/// The mean.
#[derive(Clone, Copy, Debug)]
pub struct Mean;

impl Pooling for Mean {
    #[inline(always)]
    fn pool<'a, const C: usize>(rows: impl Iterator<Item = &'a [[u8; C]]> + Clone, range: Range, y: &mut [u8; C]) {
        pool::mean(rows, range, y);
    }
}

/// The largest.
#[derive(Clone, Copy, Debug)]
pub struct Largest;

impl Pooling for Largest {
    #[inline(always)]
    fn pool<'a, const C: usize>(rows: impl Iterator<Item = &'a [[u8; C]]> + Clone, range: Range, y: &mut [u8; C]) {
        pool::largest(rows, range, y);
    }
}

impl<X: Places, Y: Places, const KH: usize, const KW: usize, const S: usize, F, W> Pool<X, Y, KH, KW, S, F, W> {
    /// A pool with the scale and zero point of its input and output.
    pub const fn new(of: Quantization, activation: Activation) -> Self {
        Pool { range: of.range(activation), of, kind: PhantomData }
    }
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    F,
    W: Windows,
> Pool<[[[u8; C]; L]; H], [[[u8; C]; N]; M], KH, KW, S, F, W>
{
    const AXES: [Axis; 2] = {
        assert!(W::DILATION[0] == 1 && W::DILATION[1] == 1, "a pool has no dilation");
        windows::axes::<W>([[H, M, KH], [L, N, KW]], S)
    };
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    F: Pooling,
    W: Windows,
> Rows for Pool<[[[u8; C]; L]; H], [[[u8; C]; N]; M], KH, KW, S, F, W>
{
    type X = [[[u8; C]; L]; H];
    type Y = [[[u8; C]; N]; M];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape { axis: Self::AXES[0], x: L * C, y: N * C };

    #[inline(always)]
    fn row(&self, _: &mut (), r: usize, x: &[u8], y: &mut [u8]) {
        let [rows, columns] = Self::AXES;
        let (x, height) = (x.as_chunks::<C>().0, rows.taps_of(r).len());
        for (c, y) in y.as_chunks_mut::<C>().0.iter_mut().enumerate() {
            let taps = columns.taps_of(c);
            let first = (c * columns.stride + taps.start).saturating_sub(columns.before);
            let seen = (0..height)
                .map(|row| x.get(row * L + first..).and_then(|row| row.get(..taps.len())).unwrap_or_default());
            F::pool(seen, self.range, y);
        }
    }

    fn from(&self) -> Quantization {
        self.of
    }

    fn to(&self) -> Quantization {
        self.of
    }
}
