use super::{Activation, Lanes, No};

/// y = min(max(z + 3, 0), 6) / 6, Keras' and PyTorch's; the slope at both kinks is 0.
pub struct HardSigmoid;

impl Activation for HardSigmoid {
    const NAME: &'static str = "hard_sigmoid";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        (z + V::splat(3.0)).max(V::splat(0.0)).min(V::splat(6.0)) * V::splat(1.0 / 6.0)
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        let rising = V::splat(0.0).if_less(y, V::splat(1.0 / 6.0), V::splat(0.0));
        y.if_less(V::splat(1.0), rising, V::splat(0.0))
    }
}
