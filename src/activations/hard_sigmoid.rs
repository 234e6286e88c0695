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
        // y² is less than y where y lies between 0 and 1.
        (y * y).value_if_less(y, y.splat(1.0 / 6.0))
    }
}
