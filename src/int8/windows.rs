use crate::kernels::axis::Axis;

/// How the windows of a [`Conv2d`](super::Conv2d), a [`DepthwiseConv2d`](super::DepthwiseConv2d) or a pool lie, where their lengths
/// and their stride do not say it: `()` if they do, or one of the types here, which may be in one another.
///
/// ```
/// use baregrad::int8::{Activation, Conv2d, Dilated, Image, Layer, Memory, Padded, Quantization};
///
/// // The first layer of ResNet: three places of padding at each side.
/// type First = Conv2d<Image<32, 32, 3>, Image<16, 16, 8>, 7, 7, 2, 1, Padded<3, 3>>;
/// assert_eq!(First::ARENA, 32 * 32 * 3 + 288); // the padded image would have 38 * 38 * 3
///
/// const ONE: Quantization = Quantization { scale: 1.0, zero_point: 0 };
/// type Far = Conv2d<Image<1, 4, 1>, Image<1, 2, 1>, 1, 2, 1, 1, Dilated<1, 2>>;
/// static FAR: Far = Far::new(&[1, 10], &[0], &[1.0], ONE, ONE, Activation::None);
/// let mut memory = Memory::<Far, { Far::ARENA }>::NEW;
/// FAR.input(&mut memory).set_int8(&[[[1], [2], [3], [4]]]);
/// assert_eq!(FAR.infer(&mut memory).int8(), [[[31], [42]]]);
/// ```
pub trait Windows {
    /// Distance of two windows along a row, if it is another one than along a column.
    const COLUMN_STRIDE: Option<usize>;
    /// Distance of two taps along a column and along a row.
    const DILATION: [usize; 2];
    /// Padding above and to the left, if it does not follow from the lengths.
    const PADDING: Option<[usize; 2]>;
}

impl Windows for () {
    const COLUMN_STRIDE: Option<usize> = None;
    const DILATION: [usize; 2] = [1; 2];
    const PADDING: Option<[usize; 2]> = None;
}

/// Windows that lie `S` columns apart: the stride of the layer is the one of rows.
#[derive(Clone, Copy, Debug)]
pub struct ColumnStride<const S: usize, W = ()>(W);

impl<const S: usize, W: Windows> Windows for ColumnStride<S, W> {
    const COLUMN_STRIDE: Option<usize> = Some(S);
    const DILATION: [usize; 2] = W::DILATION;
    const PADDING: Option<[usize; 2]> = W::PADDING;
}

/// Windows whose taps lie `ROWS` rows and `COLUMNS` columns apart. A pool has none.
#[derive(Clone, Copy, Debug)]
pub struct Dilated<const ROWS: usize, const COLUMNS: usize, W = ()>(W);

impl<const ROWS: usize, const COLUMNS: usize, W: Windows> Windows for Dilated<ROWS, COLUMNS, W> {
    const COLUMN_STRIDE: Option<usize> = W::COLUMN_STRIDE;
    const DILATION: [usize; 2] = [ROWS, COLUMNS];
    const PADDING: Option<[usize; 2]> = W::PADDING;
}

/// Windows of which the first one begins `TOP` rows above and `LEFT` columns before the input. The padding at the other end follows
/// from the lengths: it is what the last window sees there. Each window sees the input, otherwise it does not compile.
#[derive(Clone, Copy, Debug)]
pub struct Padded<const TOP: usize, const LEFT: usize, W = ()>(W);

impl<const TOP: usize, const LEFT: usize, W: Windows> Windows for Padded<TOP, LEFT, W> {
    const COLUMN_STRIDE: Option<usize> = W::COLUMN_STRIDE;
    const DILATION: [usize; 2] = W::DILATION;
    const PADDING: Option<[usize; 2]> = Some([TOP, LEFT]);
}

/// The axes of windows of these lengths, `[inputs, outputs, taps]` of the rows and of the columns.
pub(super) const fn axes<W: Windows>([rows, columns]: [[usize; 3]; 2], stride: usize) -> [Axis; 2] {
    let column_stride = match W::COLUMN_STRIDE {
        Some(stride) => stride,
        None => stride,
    };
    [axis::<W>(0, rows, stride), axis::<W>(1, columns, column_stride)]
}

const fn axis<W: Windows>(number: usize, [inputs, outputs, taps]: [usize; 3], stride: usize) -> Axis {
    let dilation = W::DILATION[number];
    match W::PADDING {
        Some(before) => Axis::padded(inputs, outputs, taps, stride, dilation, before[number]),
        None => Axis::new(inputs, outputs, taps, stride, dilation),
    }
}
