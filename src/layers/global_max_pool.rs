use crate::kernels::axis::Axis;
use crate::kernels::pool;
use crate::kernels::windows::Windows;
use crate::leaf;
use crate::net::{Backward, Layer, StreamLayer};
use crate::tensor::{Architecture, Parameterless, Places, Recent, Sequence, Tensor, Want, by_rank};

/// The largest number of each channel over all places of a sequence or an image, `X::Place`: Keras' `GlobalMaxPooling1D` and
/// `GlobalMaxPooling2D`, PyTorch's `AdaptiveMaxPool2d(1)`. It is a [`MaxPool`](super::MaxPool) with a window of all places.
///
/// ```
/// use baregrad::{prelude::*, net::Layer};
/// let mut y = [[0.0; 2]];
/// GlobalMaxPool.infer(&[[[1.0, 6.0], [3.0, 2.0]]], &mut y, &mut []);
/// assert_eq!(y, [[3.0, 6.0]]);
/// ```
#[derive(Clone)]
pub struct GlobalMaxPool;

crate::tensor::debug!([] GlobalMaxPool);

impl Parameterless for GlobalMaxPool {
    const LAYER: Self = GlobalMaxPool;
    const ARCHITECTURE: Architecture = Architecture::layer("global_max_pool").end();
}

impl<X: Places> Layer<X> for GlobalMaxPool {
    type Y = X::Place;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, by_rank::<X>("GlobalMaxPooling1D", "GlobalMaxPooling2D"));

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X::Place], _: &mut [f32]) {
        pool::max(&const { window::<X>() }, X::flat_all(x), Tensor::flat_all_mut(y));
    }
}

impl<X: Places> Backward<X> for GlobalMaxPool {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &[X::Place],
        (): &mut (),
        dy: &mut [X::Place],
        dx: Option<&mut [X]>,
    ) {
        let (y, dy, dx) = (Tensor::flat_all(y), Tensor::flat_all(dy), X::flat_all_mut(dx.unwrap_or_default()));
        pool::max_gradient(&const { window::<X>() }, X::flat_all(x), y, dy, dx);
    }
}

/// One window, of all places.
const fn window<X: Places>() -> Windows {
    Windows::over_sequence(Axis::new(X::COUNT, 1, X::COUNT, 1, 1), X::Place::LEN)
}

/// On a stream, the last `L` places are pooled.
impl<const L: usize, const C: usize> StreamLayer<Sequence<L, C>> for GlobalMaxPool {
    type Memory = Recent<[f32; C], L, 1>;
    const DELAY: usize = L - 1;
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; C]) -> Option<[f32; C]> {
        let window = memory.push(x, L - 1, 1)?;
        let mut y = [0.0; C];
        pool::max(&const { self::window::<Sequence<L, C>>() }, window.as_flattened(), &mut y);
        Some(y)
    }
}
