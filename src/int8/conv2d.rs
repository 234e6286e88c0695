use super::rows::{Rows, Shape};
use super::{Activation, Quantization, Windows, places::Places, windows};
use crate::kernels::axis::Axis;
use crate::kernels::int8::{self, Output, byte, copy::copy, dot, pairs};
use core::marker::PhantomData;
use core::ops::Range;

/// A convolution of int8: TensorFlow Lite's `CONV_2D`, the int8 twin of [`layers::Conv2d`](crate::layers::Conv2d). `X` and `Y`
/// are [`Image`](super::Image)s. As there, the padding follows from the lengths, unless `W` says something else.
///
/// `BYTES` is the number of bytes per weight: 1, or 2 where speed is worth more than flash (faster on Cortex-M4 to M33).
#[derive(Clone, Copy, Debug)]
pub struct Conv2d<
    X: Places,
    Y: Places,
    const KH: usize,
    const KW: usize,
    const S: usize = 1,
    const BYTES: usize = 1,
    W = (),
> {
    w: Y::PerChannel<[[X::PerChannel<[u8; BYTES]>; KW]; KH]>,
    outputs: Y::PerChannel<Output>,
    range: int8::Range,
    from: Quantization,
    to: Quantization,
    kind: PhantomData<fn() -> W>,
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
    const BYTES: usize,
    W: Windows,
> Conv2d<[[[u8; C]; L]; H], [[[u8; O]; N]; M], KH, KW, S, BYTES, W>
{
    const AXES: [Axis; 2] = windows::axes::<W>([[H, M, KH], [L, N, KW]], S);
    /// Distance of two taps of a row.
    const APART: usize = if KW == 1 { 1 } else { W::DILATION[1] };
    /// Places from a tap to the one below it.
    const DOWN: usize = L * W::DILATION[0];

    /// A layer with weights `[out][row tap][column tap][in]`, the bytes of int8 with zero point 0, and their scale per output.
    /// A bias has the scale of the input times the scale of the weights.
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
        let mut packed = [[[[[0; BYTES]; C]; KW]; KH]; O];
        let flat = packed.as_flattened_mut().as_flattened_mut().as_flattened_mut().as_flattened_mut();
        dot::pack::<BYTES>(w, KH * KW * C, flat);
        let outputs = from.outputs(to, w, w_scale, bias, [KH * KW * C, KH * KW * C, 1]);
        Conv2d { w: packed, outputs, range: to.range(activation), from, to, kind: PhantomData }
    }

    /// Whether the places of a row are computed in pairs.
    const PAIRS: bool = Self::APART == 1 && pairs::fit::<BYTES>(KH * KW * C, O);

    /// Writes pairs of places, from column 0 on. Not inline, as `each`: the windows of several layers would lie in one frame of the
    /// stack.
    #[inline(never)]
    fn pairs(&self, row_taps: Range<usize>, x: &[[u8; C]], y: &mut [[[u8; O]; 2]]) {
        let mut words = [[[0; C]; KW]; KH];
        for (i, [first, second]) in y.iter_mut().enumerate() {
            let columns = [2 * i, 2 * i + 1].map(Self::columns);
            for (tap, words) in words.iter_mut().enumerate() {
                let row = tap.checked_sub(row_taps.start).filter(|_| tap < row_taps.end);
                let windows = columns.clone().map(|(taps, first)| {
                    let bytes =
                        row.and_then(|row| x.get(row * Self::DOWN + first..)?.get(..taps.len())).unwrap_or_default();
                    (taps.start * C, bytes.as_flattened())
                });
                pairs::put(words.as_flattened_mut(), windows, byte(self.from.zero_point));
            }
            let (x, w) = (words.as_flattened().as_flattened(), self.weights());
            pairs::dots(x, w, &self.outputs, self.range, [first, second]);
        }
    }

    /// Writes the last places of a row, one by one.
    #[inline(never)]
    fn each(&self, row_taps: Range<usize>, x: &[[u8; C]], y: &mut [[u8; O]]) {
        let padding = byte(self.from.zero_point);
        let mut window = [[[padding; C]; KW]; KH];
        for (c, y) in (N - y.len()..).zip(y) {
            let (column_taps, first) = Self::columns(c);
            // A window of one place, of one row, or of whole rows lies in the input as it is. Others are copied, with the byte
            // of 0 for padding.
            let together = const { Self::APART == 1 && (KH == 1 || (KW == L && W::DILATION[0] == 1)) };
            let together = together && row_taps.len() == KH && column_taps.len() == KW;
            let in_place = if together { x.get(first..first + KH * KW) } else { None };
            if in_place.is_none() && KH * KW > 1 {
                if column_taps.len() < KW {
                    window.as_flattened_mut().as_flattened_mut().fill(padding);
                }
                let seen = window.get_mut(row_taps.clone()).unwrap_or_default();
                for (i, to) in seen.iter_mut().enumerate() {
                    let from = x.get(i * Self::DOWN + first..).unwrap_or_default();
                    match from.first_chunk() {
                        Some(row) if Self::APART == 1 && column_taps.len() == KW => {
                            let row: &[[u8; C]; KW] = row;
                            copy(to.as_flattened_mut(), row.as_flattened());
                        }
                        _ => {
                            let to = to.get_mut(column_taps.clone()).unwrap_or_default();
                            let copy = |(to, from): (&mut [u8; C], &[u8; C])| *to = *from;
                            match Self::APART {
                                1 => to.iter_mut().zip(from).for_each(copy),
                                apart => to.iter_mut().zip(from.iter().step_by(apart)).for_each(copy),
                            }
                        }
                    }
                }
            }
            let copied = if KH * KW > 1 { window.as_flattened() } else { &[] };
            let x = in_place.unwrap_or(copied).as_flattened();
            dot::dots::<BYTES>(x, self.weights(), &self.outputs, self.range, y);
        }
    }

    /// The taps of column `c` that see the input, and the column of the input that the first one sees.
    #[inline(always)]
    fn columns(c: usize) -> (Range<usize>, usize) {
        let columns = Self::AXES[1];
        let taps = columns.taps_of(c);
        let first = (c * columns.stride + taps.start * Self::APART).saturating_sub(columns.before);
        (taps, first)
    }

    #[inline(always)]
    fn weights(&self) -> &[u8] {
        self.w.as_flattened().as_flattened().as_flattened().as_flattened()
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
    const BYTES: usize,
    W: Windows,
> Rows for Conv2d<[[[u8; C]; L]; H], [[[u8; O]; N]; M], KH, KW, S, BYTES, W>
{
    type X = [[[u8; C]; L]; H];
    type Y = [[[u8; O]; N]; M];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape { axis: Self::AXES[0], x: L * C, y: N * O };

    #[inline(always)]
    fn row(&self, _: &mut (), r: usize, x: &[u8], y: &mut [u8]) {
        const { dot::assert_no_overflow(KH * KW * C) };
        let (rows, x) = (Self::AXES[0], x.as_chunks::<C>().0);
        let (x, row_taps) = (x.get(rows.skipped(r) * L..).unwrap_or_default(), rows.taps_of(r));
        let mut y = y.as_chunks_mut::<O>().0;
        if Self::PAIRS {
            let (pairs, rest) = y.as_chunks_mut();
            self.pairs(row_taps.clone(), x, pairs);
            y = rest;
        }
        if !Self::PAIRS || N % 2 == 1 {
            self.each(row_taps, x, y);
        }
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        self.to
    }
}
