use super::{Activation, Lanes, Yes, math};

/// y = z σ(z), also called swish (Ramachandran et al. 2017).
pub struct Silu;

impl Activation for Silu {
    const NAME: &'static str = "silu";
    type FromInput = Yes;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z * math::sigmoid(z)
    }

    #[inline(always)]
    fn slope<V: Lanes>(z: V) -> V {
        let s = math::sigmoid(z);
        (z * s).mul_add(z.splat(1.0) - s, s)
    }
}
