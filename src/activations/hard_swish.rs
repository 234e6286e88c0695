use super::{Activation, Lanes, Yes};

/// y = z · hard_sigmoid(z) (Howard et al. 2019), Keras' `hard_silu`.
pub struct HardSwish;

impl Activation for HardSwish {
    const NAME: &'static str = "hard_swish";
    type FromInput = Yes;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z * (z + V::splat(3.0)).max(V::splat(0.0)).min(V::splat(6.0)) * V::splat(1.0 / 6.0)
    }

    #[inline(always)]
    fn slope<V: Lanes>(z: V) -> V {
        let middle = z.mul_add(V::splat(1.0 / 3.0), V::splat(0.5));
        let above = z.if_less(V::splat(3.0), middle, V::splat(1.0));
        V::splat(-3.0).if_less(z, above, V::splat(0.0))
    }
}
