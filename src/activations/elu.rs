use super::{Activation, Lanes, No, math};

/// y = z for z > 0, eᶻ − 1 otherwise (Clevert et al. 2016, α = 1).
pub struct Elu;

impl Activation for Elu {
    const NAME: &'static str = "elu";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z.if_less(z.splat(0.0), math::exp_m1(z.min(z.splat(0.0))), z)
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        (y + y.splat(1.0)).min(y.splat(1.0))
    }
}
