use super::PointwiseLoss;
use crate::kernels::Lanes;

/// Mean of max(1 − t y, 0) for targets −1 and 1. As in Keras, a target of 0 means −1, and the slope where t y = 1 is −t.
///
/// (Keras converts targets only if all targets of a batch are 0 or 1; here every 0 means −1.)
///
/// ```
/// use baregrad::losses::{Hinge, Loss};
/// assert_eq!(Loss::value(&Hinge, &[0.25, -3.0], &[1.0, 0.0]), 0.375);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Hinge;

impl PointwiseLoss for Hinge {
    const NAME: &'static str = "hinge";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        (y.splat(1.0) - sign(target) * y).max(y.splat(0.0))
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        let t = sign(target);
        y.splat(1.0).if_less(t * y, y.splat(0.0), -t)
    }
}

/// Converts a target of 0 to −1.
#[inline(always)]
pub(super) fn sign<V: Lanes>(target: V) -> V {
    target.abs().if_less(target.splat(f32::MIN_POSITIVE), target.splat(-1.0), target)
}
