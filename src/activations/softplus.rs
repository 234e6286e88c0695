use super::{Activation, Lanes, No, math};

/// y = ln(1 + eᶻ).
pub struct Softplus;

impl Activation for Softplus {
    const NAME: &'static str = "softplus";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        math::softplus(z)
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        -math::exp_m1(-y)
    }
}
