use super::PointwiseLoss;
use crate::kernels::Lanes;

/// Mean of max(q d, (q − 1) d) with d = t − y, the pinball loss (Koenker & Bassett 1978). Its minimum is at the quantile q.
///
/// Neither Keras nor PyTorch has this loss. The slope at d = 0 is 0.
///
/// ```
/// use baregrad::losses::{Loss, Quantile};
/// let ninth_decile = Quantile { quantile: 0.9 };
/// assert_eq!(Loss::value(&ninth_decile, &[1.0], &[2.0]), 0.9);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quantile {
    /// q, between 0 and 1: the share of targets that should lie below the output.
    pub quantile: f32,
}

crate::tensor::zeros!(Quantile { quantile });

impl Default for Quantile {
    fn default() -> Self {
        Quantile { quantile: 0.5 }
    }
}

impl PointwiseLoss for Quantile {
    const NAME: &'static str = "quantile";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        let d = target - y;
        (d * y.splat(self.quantile)).max(d * y.splat(self.quantile - 1.0))
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        // 0, or NaN if one of the two is not finite.
        let neither = (y - target) * y.splat(0.0);
        let below = y.if_less(target, y.splat(-self.quantile), neither);
        target.if_less(y, y.splat(1.0 - self.quantile), below)
    }
}
