use super::PointwiseLoss;
use crate::kernels::Lanes;

/// Mean of |y − t|; the slope at 0 is 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanAbsoluteError;

impl PointwiseLoss for MeanAbsoluteError {
    const NAME: &'static str = "mean_absolute_error";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        (y - target).abs()
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        let zero = y.splat(0.0);
        let above = target.if_less(y, y.splat(1.0), (y - target) * zero);
        y.if_less(target, y.splat(-1.0), above)
    }
}
