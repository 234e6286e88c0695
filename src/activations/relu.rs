use super::{Activation, Lanes, No};
use crate::kernels::elementwise::{self, Zip};

/// y = max(z, 0); NaN stays NaN. The slope at 0 is 0.
pub struct Relu;

impl Activation for Relu {
    const NAME: &'static str = "relu";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z.max(V::splat(0.0))
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        V::splat(0.0).if_less(y, V::splat(1.0), V::splat(0.0))
    }

    // A choice, which is sooner done than a product.
    #[inline(always)]
    fn chain_rule(y: &[f32], dy: &mut [f32]) {
        elementwise::zip(&Gate, y, dy);
    }
}

/// `dy` where `y` is above 0.
struct Gate;

impl Zip for Gate {
    #[inline(always)]
    fn zip<V: Lanes>(&self, y: V, dy: V) -> V {
        V::splat(0.0).if_less(y, dy, V::splat(0.0))
    }
}
