use super::rows::{Rows, Shape};
use super::{Activation, Quantization, Windows, places::Places, windows};
use crate::kernels::int8::{self, Output, byte, depthwise, depthwise_pairs, depthwise_pairs::Seen, dot};
use crate::kernels::{axis::Axis, no_unrolling};
use core::marker::PhantomData;
use core::ops::Range;

/// A depthwise convolution of int8: TensorFlow Lite's `DEPTHWISE_CONV_2D`, the int8 twin of
/// [`layers::DepthwiseConv2d`](crate::layers::DepthwiseConv2d). `X` and `Y` are [`Image`](super::Image)s. As there, the padding
/// follows from the lengths, unless `W` says something else. Each channel of `X` has one output, or as many as `Y` has channels for
/// each of `X`.
#[derive(Clone, Copy, Debug)]
pub struct DepthwiseConv2d<X: Places, Y: Places, const KH: usize, const KW: usize, const S: usize = 1, W = ()> {
    w: [[Y::PerChannel<u8>; KW]; KH],
    outputs: Y::PerChannel<Output>,
    range: int8::Range,
    from: Quantization,
    to: Quantization,
    kind: PhantomData<fn(X) -> W>,
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    W: Windows,
> DepthwiseConv2d<[[[u8; C]; L]; H], [[[u8; O]; N]; M], KH, KW, S, W>
{
    const AXES: [Axis; 2] = windows::axes::<W>([[H, M, KH], [L, N, KW]], S);

    /// A layer with weights `[row tap][column tap][output]`, the bytes of int8 with zero point 0, and their scale per output. The
    /// outputs of one channel lie side by side. A bias has the scale of the input times the scale of the weights.
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
        const { assert!(C > 0 && O.is_multiple_of(C), "each channel has as many outputs as the others") };
        let mut of_taps = [[[0; O]; KW]; KH];
        let outputs = from.outputs(to, w, w_scale, bias, [KH * KW, 1, O]);
        of_taps.as_flattened_mut().as_flattened_mut().copy_from_slice(w);
        DepthwiseConv2d { w: of_taps, outputs, range: to.range(activation), from, to, kind: PhantomData }
    }

    /// Whether places of a row are computed together: each one is the middle of its window.
    const TOGETHER: bool = {
        let [rows, columns] = Self::AXES;
        let next = columns.stride == 1 && columns.before <= 1 && N < L + columns.before;
        depthwise_pairs::fit(KH, KW) && rows.dilation == 1 && columns.dilation == 1 && next && N >= 4
    };

    /// What `G` windows see of a row of the input. The middle of the first one is the place `middle`.
    #[inline(always)]
    fn see<'a, const G: usize>(row: &'a [[u8; C]], middle: usize, beside: &'a [u8; C]) -> Option<Seen<'a, C, G>> {
        Some(Seen {
            left: middle.checked_sub(1).and_then(|left| row.get(left)).unwrap_or(beside),
            middle: row.get(middle..)?.first_chunk()?,
            right: row.get(..L)?.get(middle + G).unwrap_or(beside),
        })
    }

    /// Writes the places of a row, `G` at a time.
    #[inline(never)]
    fn together<const G: usize>(&self, row_taps: Range<usize>, x: &[[u8; C]], y: &mut [[u8; O]]) {
        let ([_, columns], padding) = (Self::AXES, byte(self.from.zero_point));
        let beside = [padding; C];
        let mut first = 0;
        while first < N {
            // The last ones begin further to the left, where some are known already.
            first = first.min(N.saturating_sub(G));
            let middle = first + 1 - columns.before;
            let y = y.get_mut(first..).and_then(<[_]>::first_chunk_mut);
            let (Some(seen), Some(y)) = (Self::see::<G>(x, middle, &beside), y) else { return };
            let mut window = [seen; KH];
            let window = window.get_mut(..row_taps.len()).unwrap_or_default();
            for (to, row) in window.iter_mut().zip(x.chunks(L)) {
                *to = Self::see(row, middle, &beside).unwrap_or(seen);
                no_unrolling();
            }
            depthwise_pairs::places(window, row_taps.start, padding, &self.w, &self.outputs, self.range, y);
            first += G;
        }
    }

    /// Writes the places of a row. The first row of `x` is the first that the taps see.
    #[inline(never)]
    fn places(&self, row_taps: Range<usize>, x: &[[u8; C]], y: &mut [[u8; O]]) {
        let ([rows, columns], padding) = (Self::AXES, [[byte(self.from.zero_point); C]; KW]);
        for (c, y) in y.iter_mut().enumerate() {
            let column_taps = columns.taps_of(c);
            let first = (c * columns.stride + column_taps.start * columns.dilation).saturating_sub(columns.before);
            let row = |tap: usize| {
                let row = tap.checked_sub(row_taps.start).filter(|_| tap < row_taps.end)?;
                x.get(row * rows.dilation * L + first..)
            };
            if columns.dilation == 1 && column_taps.len() == KW {
                let rows: [&[[u8; C]; KW]; KH] =
                    core::array::from_fn(|tap| row(tap).and_then(<[_]>::first_chunk).unwrap_or(&padding));
                depthwise::place(rows, &self.w, &self.outputs, self.range, y);
            } else {
                let mut window = [[&padding[0]; KW]; KH];
                for (tap, to) in window.iter_mut().enumerate() {
                    let to = to.get_mut(column_taps.clone()).unwrap_or_default();
                    let from = row(tap).unwrap_or_default().iter();
                    match columns.dilation {
                        1 => to.iter_mut().zip(from).for_each(|(to, from)| *to = from),
                        apart => to.iter_mut().zip(from.step_by(apart)).for_each(|(to, from)| *to = from),
                    }
                }
                depthwise::place(window.each_ref(), &self.w, &self.outputs, self.range, y);
            }
        }
    }
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    W: Windows,
> Rows for DepthwiseConv2d<[[[u8; C]; L]; H], [[[u8; O]; N]; M], KH, KW, S, W>
{
    type X = [[[u8; C]; L]; H];
    type Y = [[[u8; O]; N]; M];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape { axis: Self::AXES[0], x: L * C, y: N * O };

    #[inline(always)]
    fn row(&self, _: &mut (), r: usize, x: &[u8], y: &mut [u8]) {
        const { dot::assert_no_overflow(KH * KW) };
        let [rows, _] = Self::AXES;
        let x = x.as_chunks::<C>().0.get(rows.skipped(r) * L..).unwrap_or_default();
        let (row_taps, y) = (rows.taps_of(r), y.as_chunks_mut::<O>().0);
        if !Self::TOGETHER {
            self.places(row_taps, x, y);
        } else if N.is_multiple_of(5) {
            self.together::<5>(row_taps, x, y);
        } else {
            self.together::<4>(row_taps, x, y);
        }
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        self.to
    }
}
