use super::PointwiseLoss;
use crate::kernels::Lanes;

/// Mean of (y − t)².
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanSquaredError;

impl PointwiseLoss for MeanSquaredError {
    const NAME: &'static str = "mean_squared_error";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        let d = y - target;
        d * d
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        (y - target) * y.splat(2.0)
    }
}
