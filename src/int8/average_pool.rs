use super::rows::{Rows, Shape};
use super::{Activation, Quantization, places::Places};
use crate::kernels::axis::Axis;
use crate::kernels::int8::{Range, pool};
use core::marker::PhantomData;

/// The mean of windows of `KH` by `KW` places, `S` places apart: TensorFlow Lite's `AVERAGE_POOL_2D`, the int8 twin of
/// [`layers::AveragePool2d`](crate::layers::AveragePool2d). Padding does not count. The scale stays.
#[derive(Clone, Copy, Debug)]
pub struct AveragePool<X, Y, const KH: usize, const KW: usize, const S: usize = 1> {
    range: Range,
    of: Quantization,
    kind: PhantomData<fn(X) -> Y>,
}

impl<X: Places, Y: Places, const KH: usize, const KW: usize, const S: usize> AveragePool<X, Y, KH, KW, S> {
    /// A pool with the scale and zero point of its input and output.
    pub const fn new(of: Quantization, activation: Activation) -> Self {
        AveragePool { range: of.range(activation), of, kind: PhantomData }
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
> AveragePool<[[[u8; C]; L]; H], [[[u8; C]; N]; M], KH, KW, S>
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
> Rows for AveragePool<[[[u8; C]; L]; H], [[[u8; C]; N]; M], KH, KW, S>
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
            let first = (c * S + taps.start).saturating_sub(columns.before) * C;
            for (channel, y) in y.iter_mut().enumerate() {
                let mut sum = 0;
                for row in 0..height {
                    let places = x.get(row * L * C + first + channel..).unwrap_or_default();
                    sum = places.iter().step_by(C.max(1)).take(taps.len()).fold(sum, |sum, x| sum + u32::from(*x));
                }
                let mean = pool::mean(sum, (height * taps.len()) as u32);
                *y = mean.max(self.range.low).min(self.range.high);
            }
        }
    }

    fn from(&self) -> Quantization {
        self.of
    }

    fn to(&self) -> Quantization {
        self.of
    }
}
