use super::{CLIP, PointwiseLoss, unless_infinite};
use crate::kernels::{Lanes, math};

/// Mean of y − t ln(y + 1e-7), as in Keras: the output y is the expected value of a count t.
///
/// PyTorch's `PoissonNLLLoss` by default takes ln y, and adds 1e-8.
///
/// ```
/// use baregrad::losses::{Loss, Poisson};
/// assert_eq!(Loss::value(&Poisson, &[2.0], &[0.0]), 2.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Poisson;

impl PointwiseLoss for Poisson {
    const NAME: &'static str = "poisson";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        unless_infinite(y - target * math::ln(y + y.splat(CLIP)), self.slope(y, target))
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        y.splat(1.0) - target / (y + y.splat(CLIP))
    }
}
