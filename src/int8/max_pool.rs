use super::rows::{Rows, Shape};
use super::{Activation, Quantization, places::Places};
use crate::kernels::axis::Axis;
use crate::kernels::int8::{Range, max};
use core::marker::PhantomData;

/// The largest activation of windows of `KH` by `KW` places, `S` places apart: TensorFlow Lite's `MAX_POOL_2D`, the int8 twin of
/// [`layers::MaxPool2d`](crate::layers::MaxPool2d). `X` and `Y` are [`Image`](super::Image)s. Padding does not count. The scale
/// stays.
///
/// ```
/// use baregrad::int8::{Activation, Image, Layer, MaxPool, Memory, Quantization};
///
/// type Pool = MaxPool<Image<4, 2, 1>, Image<2, 1, 1>, 2, 2, 2>;
/// static POOL: Pool = Pool::new(Quantization { scale: 1.0, zero_point: 0 }, Activation::Relu);
/// let mut memory = Memory::<Pool, { Pool::ARENA }>::NEW;
/// POOL.input(&mut memory).set_int8(&[[[1], [2]], [[3], [-4]], [[-5], [-6]], [[-7], [-8]]]);
/// assert_eq!(POOL.infer(&mut memory).int8(), [[[3]], [[0]]]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MaxPool<X, Y, const KH: usize, const KW: usize, const S: usize = 1> {
    range: Range,
    of: Quantization,
    kind: PhantomData<fn(X) -> Y>,
}

impl<X: Places, Y: Places, const KH: usize, const KW: usize, const S: usize> MaxPool<X, Y, KH, KW, S> {
    /// A pool with the scale and zero point of its input and output.
    pub const fn new(of: Quantization, activation: Activation) -> Self {
        MaxPool { range: of.range(activation), of, kind: PhantomData }
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
> MaxPool<[[[u8; C]; L]; H], [[[u8; C]; N]; M], KH, KW, S>
{
    const AXES: [Axis; 2] = [Axis::new(H, M, KH, S, 1), Axis::new(L, N, KW, S, 1)];
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
> Rows for MaxPool<[[[u8; C]; L]; H], [[[u8; C]; N]; M], KH, KW, S>
{
    type X = [[[u8; C]; L]; H];
    type Y = [[[u8; C]; N]; M];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape { axis: Self::AXES[0], x: L * C, y: N * C };

    #[inline(always)]
    fn row(&self, _: &mut (), r: usize, x: &[u8], y: &mut [u8]) {
        let [rows, columns] = Self::AXES;
        let height = rows.taps_of(r).len();
        for (c, y) in y.as_chunks_mut::<C>().0.iter_mut().enumerate() {
            let taps = columns.taps_of(c);
            let first = (c * S + taps.start).saturating_sub(columns.before);
            let places = (0..height).flat_map(|row| {
                let row = x.get((row * L + first) * C..).unwrap_or_default();
                row.as_chunks::<C>().0.iter().take(taps.len()).map(|place| place.as_slice())
            });
            max::largest(places, self.range, y);
        }
    }

    fn from(&self) -> Quantization {
        self.of
    }

    fn to(&self) -> Quantization {
        self.of
    }
}
