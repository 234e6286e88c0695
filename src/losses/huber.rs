use super::PointwiseLoss;
use crate::kernels::Lanes;

/// Mean of d² / 2 where |d| ≤ δ, and of δ |d| − δ² / 2 elsewhere, with d = y − t (Huber 1964).
#[derive(Clone, Copy, Debug)]
pub struct Huber {
    /// δ, the |d| at which the parabola becomes a line.
    pub delta: f32,
}

crate::tensor::zeros!(Huber { delta });

impl Default for Huber {
    fn default() -> Self {
        Huber { delta: 1.0 }
    }
}

impl PointwiseLoss for Huber {
    const NAME: &'static str = "huber";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        let (d, delta) = ((y - target).abs(), y.splat(self.delta));
        let half = y.splat(0.5);
        delta.if_less(d, delta * (d - half * delta), half * d * d)
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        (y - target).max(y.splat(-self.delta)).min(y.splat(self.delta))
    }
}
