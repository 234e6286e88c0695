use super::{Activation, FromOutput, Lanes};

/// y = max(z, 0); NaN stays NaN. The slope at 0 is 0.
pub struct Relu;

impl Activation for Relu {
    const NAME: &'static str = "relu";
    type Kept = FromOutput;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z.max(V::splat(0.0))
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        V::splat(0.0).if_less(y, V::splat(1.0), V::splat(0.0))
    }
}
