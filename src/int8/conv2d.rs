use super::rows::{Rows, Shape};
use super::{Activation, Quantization, places::Places};
use crate::kernels::axis::Axis;
use crate::kernels::int8::{Output, Range, byte, copy::copy, dot};

/// A convolution of int8: TensorFlow Lite's `CONV_2D`, the int8 twin of [`layers::Conv2d`](crate::layers::Conv2d). `X` and `Y`
/// are [`Image`](super::Image)s. As there, the padding follows from the lengths.
///
/// `BYTES` is the number of bytes per weight: 1, or 2 where speed is worth more than flash (faster on Cortex-M4 to M33).
#[derive(Clone, Copy, Debug)]
pub struct Conv2d<X: Places, Y: Places, const KH: usize, const KW: usize, const S: usize = 1, const BYTES: usize = 1> {
    w: Y::PerChannel<[[X::PerChannel<[u8; BYTES]>; KW]; KH]>,
    outputs: Y::PerChannel<Output>,
    range: Range,
    from: Quantization,
    to: Quantization,
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
> Conv2d<[[[u8; C]; L]; H], [[[u8; O]; N]; M], KH, KW, S, BYTES>
{
    const AXES: [Axis; 2] = [Axis::new(H, M, KH, S, 1), Axis::new(L, N, KW, S, 1)];

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
        Conv2d { w: packed, outputs, range: to.range(activation), from, to }
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
> Rows for Conv2d<[[[u8; C]; L]; H], [[[u8; O]; N]; M], KH, KW, S, BYTES>
{
    type X = [[[u8; C]; L]; H];
    type Y = [[[u8; O]; N]; M];
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape { axis: Self::AXES[0], x: L * C, y: N * O };

    #[inline(always)]
    fn row(&self, _: &mut (), r: usize, x: &[u8], y: &mut [u8]) {
        const { dot::assert_no_overflow(KH * KW * C) };
        let [rows, columns] = Self::AXES;
        let w = self.w.as_flattened().as_flattened().as_flattened().as_flattened();
        let (x, row_taps) = (x.as_chunks::<C>().0, rows.taps_of(r));
        let padding = [[[byte(self.from.zero_point); C]; KW]; KH];
        let mut window = padding;
        for (c, y) in y.as_chunks_mut::<O>().0.iter_mut().enumerate() {
            let column_taps = columns.taps_of(c);
            let first = (c * S + column_taps.start).saturating_sub(columns.before);
            // A window of one row, or of whole rows, lies in the input as it is. Others are copied, with the byte of 0 for
            // padding.
            let together = (KH == 1 || KW == L) && row_taps.len() == KH && column_taps.len() == KW;
            let in_place = if together { x.get(first..first + KH * KW) } else { None };
            if in_place.is_none() {
                if column_taps.len() < KW {
                    window = padding;
                }
                let seen = window.get_mut(row_taps.clone()).unwrap_or_default();
                for (i, to) in seen.iter_mut().enumerate() {
                    let from = x.get(i * L + first..).unwrap_or_default();
                    match from.first_chunk() {
                        Some(row) if column_taps.len() == KW => {
                            let row: &[[u8; C]; KW] = row;
                            copy(to.as_flattened_mut(), row.as_flattened());
                        }
                        _ => {
                            let to = to.get_mut(column_taps.clone()).unwrap_or_default();
                            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                        }
                    }
                }
            }
            let x = in_place.unwrap_or(window.as_flattened()).as_flattened();
            dot::dots::<BYTES>(x, w, &self.outputs, self.range, y);
        }
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        self.to
    }
}
