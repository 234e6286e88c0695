use super::{Activation, Lanes, No};

/// y = min(max(z + 3, 0), 6) / 6, as in Keras and PyTorch. The slope at both kinks is 0.
pub struct HardSigmoid;

impl Activation for HardSigmoid {
    const NAME: &'static str = "hard_sigmoid";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        (z + z.splat(3.0)).max(z.splat(0.0)).min(z.splat(6.0)) * z.splat(1.0 / 6.0)
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        let rising = y.splat(0.0).if_less(y, y.splat(1.0 / 6.0), y.splat(0.0));
        y.if_less(y.splat(1.0), rising, y.splat(0.0))
    }
}
