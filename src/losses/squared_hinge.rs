use super::{PointwiseLoss, hinge::sign, unless_infinite};
use crate::kernels::Lanes;

/// Mean of max(1 − t y, 0)² for targets −1 and 1. A target of 0 means −1, as in [`Hinge`](super::Hinge).
///
/// ```
/// use baregrad::losses::{Loss, SquaredHinge};
/// assert_eq!(Loss::value(&SquaredHinge, &[0.5, -3.0], &[1.0, 0.0]), 0.125);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SquaredHinge;

impl PointwiseLoss for SquaredHinge {
    const NAME: &'static str = "squared_hinge";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        let distance = (y.splat(1.0) - sign(target) * y).max(y.splat(0.0));
        unless_infinite(distance * distance, self.slope(y, target))
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        let t = sign(target);
        (y.splat(1.0) - t * y).max(y.splat(0.0)) * t * y.splat(-2.0)
    }
}
