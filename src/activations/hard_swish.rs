use super::{Activation, Lanes, Yes};

/// y = z · hard_sigmoid(z) (Howard et al. 2019): Keras' `hard_silu`.
pub struct HardSwish;

impl Activation for HardSwish {
    const NAME: &'static str = "hard_swish";
    type FromInput = Yes;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z * (z + z.splat(3.0)).max(z.splat(0.0)).min(z.splat(6.0)) * z.splat(1.0 / 6.0)
    }

    #[inline(always)]
    fn slope<V: Lanes>(z: V) -> V {
        let middle = z.mul_add(z.splat(1.0 / 3.0), z.splat(0.5));
        let above = z.if_less(z.splat(3.0), middle, z.splat(1.0));
        z.splat(-3.0).value_if_less(z, above)
    }
}
