use super::PointwiseLoss;
use crate::kernels::{Lanes, math};

/// Mean of ln cosh d with d = y − t, as in Keras: about d² / 2 for small d, and |d| − ln 2 for large d.
///
/// ```
/// use baregrad::losses::{LogCosh, Loss};
/// assert_eq!(Loss::value(&LogCosh, &[100.0], &[0.0]), 100.0 - core::f32::consts::LN_2);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct LogCosh;

impl PointwiseLoss for LogCosh {
    const NAME: &'static str = "log_cosh";

    // |d| + ln(1 + e^−2|d|) − ln 2
    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        let d = (y - target).abs();
        d + (math::softplus(d * y.splat(-2.0)) - y.splat(core::f32::consts::LN_2))
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        math::tanh(y - target)
    }
}
