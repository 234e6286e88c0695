use super::{Activation, Lanes, No};
use crate::kernels::elementwise::{self, Zip};

/// y = max(z, 0); NaN stays NaN. The slope at 0 is 0.
pub struct Relu;

impl Activation for Relu {
    const NAME: &'static str = "relu";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z.max(z.splat(0.0))
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        y.splat(0.0).value_if_less(y, y.splat(1.0))
    }

    // A selection, which is faster than a product.
    #[inline(always)]
    fn chain_rule(y: &[f32], dy: Option<&[f32]>, dx: &mut [f32]) {
        elementwise::zip_from(&Gate, y, dy, dx);
    }
}

/// `dy` where `y` is above 0.
struct Gate;

impl Zip for Gate {
    #[inline(always)]
    fn zip<V: Lanes>(&self, y: V, dy: V) -> V {
        y.splat(0.0).value_if_less(y, dy)
    }
}
