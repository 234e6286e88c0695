use super::{Activation, Lanes, No};
use crate::kernels::elementwise::{self, Zip};

/// y = min(max(z, 0), 6), as in Keras and PyTorch, and in MobileNet (Howard et al. 2017); NaN stays NaN. The slope at both kinks
/// is 0.
pub struct Relu6;

impl Activation for Relu6 {
    const NAME: &'static str = "relu6";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z.max(z.splat(0.0)).min(z.splat(6.0))
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        Gate.zip(y, y.splat(1.0))
    }

    // A selection, which is faster than a product.
    #[inline(always)]
    fn chain_rule(y: &[f32], dy: Option<&[f32]>, dx: &mut [f32]) {
        elementwise::zip_from(&Gate, y, dy, dx);
    }
}

/// `dy` where `y` lies between 0 and 6.
struct Gate;

impl Zip for Gate {
    #[inline(always)]
    fn zip<V: Lanes>(&self, y: V, dy: V) -> V {
        y.splat(0.0).value_if_less(y, y.value_if_less(y.splat(6.0), dy))
    }
}
