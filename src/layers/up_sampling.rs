use crate::kernels::up_sampling;
use crate::leaf;
use crate::net::{Backward, Layer, Network};
use crate::tensor::{Architecture, Parameterless, Places, Tensor, Want, by_rank};
use core::marker::PhantomData;

/// Each place of a sample several times: [`UpSampling1d`] and [`UpSampling2d`]. How often follows from the lengths of `X` and
/// `Y`. Keras' `interpolation="nearest"`, its default; the other ways to interpolate do not exist here.
pub struct UpSampling<X, Y>(PhantomData<fn() -> (X, Y)>);

/// Each place of a sequence several times, one after the other: Keras' `UpSampling1D(size)`.
///
/// ```
/// use baregrad::prelude::*;
/// use baregrad::tensor::Sequence;
/// // 2 places become 6: each stands there 3 times.
/// type Longer = UpSampling1d<Sequence<2, 1>, Sequence<6, 1>>;
/// let mut y = [[0.0]; 6];
/// Longer::NEW.infer_one(&[[1.0], [2.0]], &mut y, &mut []);
/// assert_eq!(y, [[1.0], [1.0], [1.0], [2.0], [2.0], [2.0]]);
/// ```
pub type UpSampling1d<X, Y> = UpSampling<X, Y>;

/// Each row of an image several times, and each of its columns: Keras' `UpSampling2D((down, across))`.
///
/// ```
/// use baregrad::prelude::*;
/// use baregrad::tensor::Image;
/// type Larger = UpSampling2d<Image<1, 2, 1>, Image<2, 4, 1>>;
/// let mut y = [[[0.0]; 4]; 2];
/// Larger::NEW.infer_one(&[[[1.0], [2.0]]], &mut y, &mut []);
/// assert_eq!(y, [[[1.0], [1.0], [2.0], [2.0]]; 2]);
/// ```
pub type UpSampling2d<X, Y> = UpSampling<X, Y>;

impl<X, Y> Clone for UpSampling<X, Y> {
    fn clone(&self) -> Self {
        UpSampling(PhantomData)
    }
}

crate::tensor::debug!([X, Y] UpSampling<X, Y>);

impl<X: Places, Y: Places<Place = X::Place>> UpSampling<X, Y> {
    const SHAPE: up_sampling::UpSampling = {
        let (down, across) = (Y::ROWS / X::ROWS, Y::COLUMNS / X::COLUMNS);
        assert!(
            X::RANK == Y::RANK && down * X::ROWS == Y::ROWS && across * X::COLUMNS == Y::COLUMNS,
            "the lengths of the output of an up-sampling are whole multiples of the input's lengths"
        );
        up_sampling::UpSampling { rows: X::ROWS, columns: X::COLUMNS, channels: X::Place::LEN, down, across }
    };
}

impl<X: Places, Y: Places<Place = X::Place>> Parameterless for UpSampling<X, Y> {
    const LAYER: Self = {
        let _ = Self::SHAPE;
        UpSampling(PhantomData)
    };
    const ARCHITECTURE: Architecture = Architecture::layer("up_sampling").sizes(X::SHAPE).sizes(Y::SHAPE).end();
}

impl<X: Places, Y: Places<Place = X::Place>> Layer<X> for UpSampling<X, Y> {
    type Y = Y;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, by_rank::<X>("UpSampling1D", "UpSampling2D"));

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [Y], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            Self::SHAPE.repeat(x.flat(), y.flat_mut());
        }
    }
}

impl<X: Places, Y: Places<Place = X::Place>> Backward<X> for UpSampling<X, Y> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(&self, _: &[X], _: &[Y], (): &mut (), dy: &mut [Y], dx: Option<&mut [X]>) {
        for (dy, dx) in dy.iter().zip(dx.unwrap_or_default()) {
            Self::SHAPE.sum(dy.flat(), dx.flat_mut());
        }
    }
}

impl<X: Places, Y: Places<Place = X::Place>> Network for UpSampling<X, Y> {
    type Input = X;
}
