use crate::kernels::pool;
use crate::leaf;
use crate::net::{Backward, Layer, StreamLayer};
use crate::tensor::{Architecture, Parameterless, Places, Recent, Sequence, Tensor, Want, by_rank};

/// The mean of each channel over all places of a sequence or an image, `X::Place`: Keras' `GlobalAveragePooling1D` and
/// `GlobalAveragePooling2D`, PyTorch's `AdaptiveAvgPool2d(1)`.
///
/// ```
/// use baregrad::{prelude::*, tensor::Sequence};
/// type Net = chain![DepthwiseConv1d<Sequence<9, 4>, Sequence<9, 4>, 3>, GlobalAveragePool, Dense<4, 2>];
/// let mut y = [[0.0; 2]];
/// GlobalAveragePool.infer(&[[[1.0, 2.0], [3.0, 6.0]]], &mut y, &mut []);
/// assert_eq!((y, Net::COUNT), ([[2.0, 4.0]], 16 + 10));
/// # use baregrad::net::Layer;
/// ```
#[derive(Clone)]
pub struct GlobalAveragePool;

crate::tensor::debug!([] GlobalAveragePool);

impl Parameterless for GlobalAveragePool {
    const LAYER: Self = GlobalAveragePool;
    const ARCHITECTURE: Architecture = Architecture::layer("global_average_pool").end();
}

impl<X: Places> Layer<X> for GlobalAveragePool {
    type Y = X::Place;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, by_rank::<X>("GlobalAveragePooling1D", "GlobalAveragePooling2D"));

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X::Place], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            pool::global_average(x.flat(), y.flat_mut());
        }
    }
}

impl<X: Places> Backward<X> for GlobalAveragePool {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        _: &[X],
        _: &[X::Place],
        (): &mut (),
        dy: &mut [X::Place],
        dx: Option<&mut [X]>,
    ) {
        for (dy, dx) in dy.iter_mut().zip(dx.unwrap_or_default()) {
            pool::global_average_gradient(dy.flat_mut(), dx.flat_mut());
        }
    }
}

/// On a stream, the last `L` places are pooled.
impl<const L: usize, const C: usize> StreamLayer<Sequence<L, C>> for GlobalAveragePool {
    type Memory = Recent<[f32; C], L, 1>;
    const DELAY: usize = L - 1;
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; C]) -> Option<[f32; C]> {
        let window = memory.push(x, L - 1, 1)?;
        let mut y = [0.0; C];
        pool::global_average(window.as_flattened(), &mut y);
        Some(y)
    }
}
