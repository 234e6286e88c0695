use crate::kernels::rectangle::Rectangle;
use crate::leaf;
use crate::net::{Backward, Layer, Network};
use crate::tensor::{Architecture, Parameterless, Places, Tensor, Want, by_rank};
use core::marker::PhantomData;

/// Zeros around a sample: [`ZeroPadding1d`] and [`ZeroPadding2d`]. `Y` has the place (`TOP`, `LEFT`) where `X` has its first.
pub struct ZeroPadding<X, Y, const TOP: usize, const LEFT: usize>(PhantomData<fn() -> (X, Y)>);

/// `BEFORE` places of zeros before a sequence, and as many after it as the length of `Y` asks for: Keras'
/// `ZeroPadding1D((BEFORE, after))`.
///
/// ```
/// use baregrad::prelude::*;
/// use baregrad::tensor::Sequence;
/// // 4 places, 2 before them and 1 after them are 7.
/// type Padding = ZeroPadding1d<Sequence<4, 1>, Sequence<7, 1>, 2>;
/// let mut y = [[0.0]; 7];
/// Padding::NEW.infer_one(&[[1.0], [2.0], [3.0], [4.0]], &mut y, &mut []);
/// assert_eq!(y, [[0.0], [0.0], [1.0], [2.0], [3.0], [4.0], [0.0]]);
/// ```
pub type ZeroPadding1d<X, Y, const BEFORE: usize> = ZeroPadding<X, Y, 0, BEFORE>;

/// `TOP` rows of zeros above an image and `LEFT` columns before it, and as many below and behind as `Y` asks for: Keras'
/// `ZeroPadding2D(((TOP, bottom), (LEFT, right)))`.
///
/// PyTorch's convolution of stride 2 with padding 1 is this layer and a "valid" convolution. Keras' "same" has other padding:
/// only 1 row below, and 1 column behind.
///
/// ```
/// use baregrad::prelude::*;
/// use baregrad::tensor::Image;
/// type Padding = ZeroPadding2d<Image<1, 2, 1>, Image<2, 4, 1>, 1, 1>;
/// let mut y = [[[0.0]; 4]; 2];
/// Padding::NEW.infer_one(&[[[1.0], [2.0]]], &mut y, &mut []);
/// assert_eq!(y, [[[0.0]; 4], [[0.0], [1.0], [2.0], [0.0]]]);
/// ```
pub type ZeroPadding2d<X, Y, const TOP: usize, const LEFT: usize> = ZeroPadding<X, Y, TOP, LEFT>;

impl<X, Y, const TOP: usize, const LEFT: usize> Clone for ZeroPadding<X, Y, TOP, LEFT> {
    fn clone(&self) -> Self {
        ZeroPadding(PhantomData)
    }
}

crate::tensor::debug!([X, Y, const TOP: usize, const LEFT: usize] ZeroPadding<X, Y, TOP, LEFT>);

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Parameterless
    for ZeroPadding<X, Y, TOP, LEFT>
{
    const LAYER: Self = {
        assert!(
            lies_within::<X, Y>(TOP, LEFT),
            "the output of a zero padding is as long as its input and the padding before it, or longer"
        );
        ZeroPadding(PhantomData)
    };
    const ARCHITECTURE: Architecture = architecture::<X, Y>("zero_padding", TOP, LEFT);
}

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Layer<X>
    for ZeroPadding<X, Y, TOP, LEFT>
{
    type Y = Y;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, by_rank::<X>("ZeroPadding1D", "ZeroPadding2D"));

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [Y], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            rectangle::<X, Y>(TOP, LEFT).write(x.flat(), y.flat_mut());
        }
    }
}

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Backward<X>
    for ZeroPadding<X, Y, TOP, LEFT>
{
    #[inline(always)]
    fn backward<const B: usize, W: Want>(&self, _: &[X], _: &[Y], (): &mut (), dy: &mut [Y], dx: Option<&mut [X]>) {
        for (dy, dx) in dy.iter().zip(dx.unwrap_or_default()) {
            rectangle::<X, Y>(TOP, LEFT).read(dy.flat(), dx.flat_mut());
        }
    }
}

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Network
    for ZeroPadding<X, Y, TOP, LEFT>
{
    type Input = X;
}

/// Whether a small sample at this place of a large one lies within it.
pub(super) const fn lies_within<Small: Places, Large: Places>(top: usize, left: usize) -> bool {
    let same_rank = Small::RANK == Large::RANK;
    same_rank && top + Small::ROWS <= Large::ROWS && left + Small::COLUMNS <= Large::COLUMNS
}

/// A small sample at this place of a large one.
pub(super) const fn rectangle<Small: Places, Large: Places>(top: usize, left: usize) -> Rectangle {
    let channels = Large::Place::LEN;
    Rectangle {
        rows: Small::ROWS,
        width: Small::COLUMNS * channels,
        start: (top * Large::COLUMNS + left) * channels,
        stride: Large::COLUMNS * channels,
    }
}

/// The line of a layer: its name, the shapes of input and output, and the place.
pub(super) const fn architecture<X: Places, Y: Places>(name: &str, top: usize, left: usize) -> Architecture {
    Architecture::layer(name).sizes(X::SHAPE).sizes(Y::SHAPE).size(top).size(left).end()
}
