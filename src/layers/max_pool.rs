use crate::kernels::axis::Axis;
use crate::kernels::pool;
use crate::kernels::windows::Windows;
use crate::leaf;
use crate::net::{Backward, Layer, Network, StreamLayer};
use crate::tensor::{Architecture, Parameterless, Places, Recent, Sequence, Tensor, Want, by_rank};
use core::marker::PhantomData;

/// The largest number of each window, channel by channel: [`MaxPool1d`] and [`MaxPool2d`].
///
/// Padding is no number: a window that reaches beyond the sample has fewer places. If a window has a NaN, so has the output.
/// The gradient goes to the first place with the largest number, rows before columns, as in Keras; if there is a NaN, to the
/// first place of the window.
pub struct MaxPool<X, Y, const KH: usize, const KW: usize, const SH: usize, const SW: usize>(
    PhantomData<fn() -> (X, Y)>,
);

/// The largest of `K` places of a sequence, every `S` places: Keras' `MaxPooling1D(K, strides=S)`, PyTorch's `MaxPool1d`.
///
/// `X` is a [`Sequence<L, C>`](crate::tensor::Sequence), `Y` a `Sequence<M, C>`. The length `M` says how the sequence is padded:
/// it is [`same`](crate::tensor::same) or [`valid`](crate::tensor::valid), and another one does not compile. A window without a
/// stride of its own moves by its length.
///
/// ```
/// use baregrad::{prelude::*, tensor::Sequence};
/// type Pool = MaxPool1d<Sequence<5, 1>, Sequence<2, 1>, 2>;
/// let mut y = [[0.0]; 2];
/// Pool::NEW.infer_one(&[[1.0], [2.0], [9.0], [4.0], [7.0]], &mut y, &mut []);
/// assert_eq!(y, [[2.0], [9.0]]);
/// ```
///
/// See [`MaxPool`] for padding, NaN and the gradient.
pub type MaxPool1d<X, Y, const K: usize, const S: usize = K> = MaxPool<X, Y, 1, K, 1, S>;

/// The largest of `KH` rows and `KW` columns of an image, every `SH` rows and `SW` columns: Keras'
/// `MaxPooling2D((KH, KW), strides=(SH, SW))`, PyTorch's `MaxPool2d`.
///
/// `X` is an [`Image<H, W, C>`](crate::tensor::Image), `Y` an `Image<U, V, C>`. `U` and `V` say how the image is padded: each is
/// [`same`](crate::tensor::same) or [`valid`](crate::tensor::valid), and another one does not compile.
///
/// ```
/// use baregrad::{prelude::*, tensor::Image};
/// // 28 rows and columns become 14, and with windows that overlap, 7.
/// type Net = chain![MaxPool2d<Image<28, 28, 3>, Image<14, 14, 3>, 2, 2>, MaxPool2d<Image<14, 14, 3>, Image<7, 7, 3>, 3, 3, 2, 2>];
/// assert_eq!(Net::COUNT, 0);
/// ```
///
/// See [`MaxPool`] for padding, NaN and the gradient.
pub type MaxPool2d<X, Y, const KH: usize, const KW: usize, const SH: usize = KH, const SW: usize = KW> =
    MaxPool<X, Y, KH, KW, SH, SW>;

/// How the windows of a pool lie.
pub(super) const fn windows<X: Places, Y: Places>([kh, kw]: [usize; 2], [sh, sw]: [usize; 2]) -> Windows {
    assert!(X::RANK == Y::RANK, "a pool makes a sequence of a sequence, and an image of an image");
    let (rows, columns) = (Axis::new(X::ROWS, Y::ROWS, kh, sh, 1), Axis::new(X::COLUMNS, Y::COLUMNS, kw, sw, 1));
    Windows { rows, columns, channels: Y::Place::LEN }
}

/// The line of a pool: its name, the shapes of input and output, and the windows.
pub(super) const fn architecture<X: Places, Y: Places>(name: &str, windows: Windows) -> Architecture {
    let Windows { rows, columns, .. } = windows;
    Architecture::layer(name)
        .sizes(X::SHAPE)
        .sizes(Y::SHAPE)
        .sizes(&[rows.taps, columns.taps, rows.stride, columns.stride])
        .end()
}

impl<X, Y, const KH: usize, const KW: usize, const SH: usize, const SW: usize> Clone for MaxPool<X, Y, KH, KW, SH, SW> {
    fn clone(&self) -> Self {
        MaxPool(PhantomData)
    }
}

crate::tensor::debug!([X, Y, const KH: usize, const KW: usize, const SH: usize, const SW: usize] MaxPool<X, Y, KH, KW, SH, SW>);

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize>
    MaxPool<X, Y, KH, KW, SH, SW>
{
    const WINDOWS: Windows = windows::<X, Y>([KH, KW], [SH, SW]);
}

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize>
    Parameterless for MaxPool<X, Y, KH, KW, SH, SW>
{
    const LAYER: Self = {
        let _ = Self::WINDOWS;
        MaxPool(PhantomData)
    };
    const ARCHITECTURE: Architecture = architecture::<X, Y>("max_pool", Self::WINDOWS);
}

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize>
    Layer<X> for MaxPool<X, Y, KH, KW, SH, SW>
{
    type Y = Y;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, by_rank::<X>("MaxPooling1D", "MaxPooling2D"));

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [Y], _: &mut [f32]) {
        pool::max(&Self::WINDOWS, X::flat_all(x), Y::flat_all_mut(y));
    }
}

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize>
    Backward<X> for MaxPool<X, Y, KH, KW, SH, SW>
{
    #[inline(always)]
    fn backward<const B: usize, W: Want>(&self, x: &[X], y: &[Y], (): &mut (), dy: &mut [Y], dx: Option<&mut [X]>) {
        let dx = X::flat_all_mut(dx.unwrap_or_default());
        pool::max_gradient(&Self::WINDOWS, X::flat_all(x), Y::flat_all(y), Y::flat_all(dy), dx);
    }
}

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize> Network
    for MaxPool<X, Y, KH, KW, SH, SW>
{
    type Input = X;
}

impl<const L: usize, const M: usize, const C: usize, const K: usize, const S: usize> StreamLayer<Sequence<L, C>>
    for MaxPool1d<Sequence<L, C>, Sequence<M, C>, K, S>
{
    type Memory = Recent<[f32; C], K, 1>;
    const DELAY: usize = Self::WINDOWS.columns.delay();
    const HOP: usize = S;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; C]) -> Option<[f32; C]> {
        let window = memory.push(x, Self::DELAY, S)?;
        let mut y = [0.0; C];
        pool::max(&Windows::over_sequence(Axis::last(K, K), C), window.as_flattened(), &mut y);
        Some(y)
    }
}
