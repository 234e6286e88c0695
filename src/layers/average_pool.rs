use super::max_pool::{architecture, windows};
use crate::kernels::axis::Axis;
use crate::kernels::pool;
use crate::kernels::windows::Windows;
use crate::leaf;
use crate::net::{Backward, Layer, Network, StreamLayer};
use crate::tensor::{Architecture, Parameterless, Places, Recent, Sequence, Want, by_rank};
use core::marker::PhantomData;

/// The mean of each window, channel by channel: [`AveragePool1d`] and [`AveragePool2d`].
///
/// A window that reaches beyond the sample has fewer places, and their sum is divided by their number, as in Keras. PyTorch
/// counts padding as zeros, unless `count_include_pad=False`.
pub struct AveragePool<X, Y, const KH: usize, const KW: usize, const SH: usize, const SW: usize>(
    PhantomData<fn() -> (X, Y)>,
);

/// The mean of `K` places of a sequence, every `S` places: Keras' `AveragePooling1D(K, strides=S)`, PyTorch's `AvgPool1d`.
///
/// `X` is a [`Sequence<L, C>`](crate::tensor::Sequence), `Y` a `Sequence<M, C>`. The length `M` says how the sequence is padded:
/// it is [`same`](crate::tensor::same) or [`valid`](crate::tensor::valid), and another one does not compile. A window without a
/// stride of its own moves by its length. Padding [does not count](AveragePool).
///
/// ```
/// use baregrad::{prelude::*, tensor::Sequence};
/// type Pool = AveragePool1d<Sequence<3, 1>, Sequence<2, 1>, 2>;
/// let mut y = [[0.0]; 2];
/// Pool::NEW.infer_one(&[[1.0], [2.0], [9.0]], &mut y, &mut []);
/// assert_eq!(y, [[1.5], [9.0]]);
/// ```
pub type AveragePool1d<X, Y, const K: usize, const S: usize = K> = AveragePool<X, Y, 1, K, 1, S>;

/// The mean of `KH` rows and `KW` columns of an image, every `SH` rows and `SW` columns: Keras'
/// `AveragePooling2D((KH, KW), strides=(SH, SW))`, PyTorch's `AvgPool2d`.
///
/// `X` is an [`Image<H, W, C>`](crate::tensor::Image), `Y` an `Image<U, V, C>`. `U` and `V` say how the image is padded: each is
/// [`same`](crate::tensor::same) or [`valid`](crate::tensor::valid), and another one does not compile. Padding [does not
/// count](AveragePool).
///
/// ```
/// use baregrad::{prelude::*, tensor::Image};
/// type Pool = AveragePool2d<Image<2, 2, 1>, Image<1, 1, 1>, 2, 2>;
/// let mut y = [[[0.0]]];
/// Pool::NEW.infer_one(&[[[1.0], [2.0]], [[3.0], [6.0]]], &mut y, &mut []);
/// assert_eq!(y, [[[3.0]]]);
/// ```
pub type AveragePool2d<X, Y, const KH: usize, const KW: usize, const SH: usize = KH, const SW: usize = KW> =
    AveragePool<X, Y, KH, KW, SH, SW>;

impl<X, Y, const KH: usize, const KW: usize, const SH: usize, const SW: usize> Clone
    for AveragePool<X, Y, KH, KW, SH, SW>
{
    fn clone(&self) -> Self {
        AveragePool(PhantomData)
    }
}

crate::tensor::debug!([X, Y, const KH: usize, const KW: usize, const SH: usize, const SW: usize] AveragePool<X, Y, KH, KW, SH, SW>);

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize>
    AveragePool<X, Y, KH, KW, SH, SW>
{
    const WINDOWS: Windows = windows::<X, Y>([KH, KW], [SH, SW]);
}

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize>
    Parameterless for AveragePool<X, Y, KH, KW, SH, SW>
{
    const LAYER: Self = {
        let _ = Self::WINDOWS;
        AveragePool(PhantomData)
    };
    const ARCHITECTURE: Architecture = architecture::<X, Y>("average_pool", Self::WINDOWS);
}

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize>
    Layer<X> for AveragePool<X, Y, KH, KW, SH, SW>
{
    type Y = Y;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, by_rank::<X>("AveragePooling1D", "AveragePooling2D"));

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [Y], _: &mut [f32]) {
        pool::average(&Self::WINDOWS, X::flat_all(x), Y::flat_all_mut(y));
    }
}

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize>
    Backward<X> for AveragePool<X, Y, KH, KW, SH, SW>
{
    #[inline(always)]
    fn backward<const B: usize, W: Want>(&self, _: &[X], _: &[Y], (): &mut (), dy: &mut [Y], dx: Option<&mut [X]>) {
        pool::average_gradient(&Self::WINDOWS, Y::flat_all_mut(dy), X::flat_all_mut(dx.unwrap_or_default()));
    }
}

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize> Network
    for AveragePool<X, Y, KH, KW, SH, SW>
{
    type Input = X;
}

impl<const L: usize, const M: usize, const C: usize, const K: usize, const S: usize> StreamLayer<Sequence<L, C>>
    for AveragePool1d<Sequence<L, C>, Sequence<M, C>, K, S>
{
    type Memory = Recent<[f32; C], K, 1>;
    const DELAY: usize = Self::WINDOWS.columns.delay();
    const HOP: usize = S;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; C]) -> Option<[f32; C]> {
        let window = memory.push(x, Self::DELAY, S)?;
        let mut y = [0.0; C];
        pool::average(&Windows::over_sequence(Axis::last(K, K), C), window.as_flattened(), &mut y);
        Some(y)
    }
}
