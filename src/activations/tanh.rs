use super::{Activation, Lanes, No, math};

/// y = tanh z.
pub struct Tanh;

impl Activation for Tanh {
    const NAME: &'static str = "tanh";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        math::tanh(z)
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        y.neg_mul_add(y, y.splat(1.0))
    }
}
