use super::{Activation, Lanes, No, math};

/// y = 1 / (1 + e⁻ᶻ).
pub struct Sigmoid;

impl Activation for Sigmoid {
    const NAME: &'static str = "sigmoid";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        math::sigmoid(z)
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        y * (y.splat(1.0) - y)
    }
}
