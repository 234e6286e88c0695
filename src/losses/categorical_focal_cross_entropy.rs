use super::binary_focal_cross_entropy::power;
use super::categorical_cross_entropy::clip;
use super::{Loss, checked};
use crate::kernels::math;
use crate::kernels::reduce::{self, First};

/// −α Σ (1 − p)^γ t ln p, as in Keras. Outputs that are already right count less (Lin et al. 2017).
///
/// It takes probabilities, divides them by their sum and clips them, as
/// [`CategoricalCrossEntropy`](super::CategoricalCrossEntropy) does.
///
/// ```
/// use baregrad::losses::{CategoricalFocalCrossEntropy, Loss};
/// let loss = CategoricalFocalCrossEntropy::default();
/// let (sure, wrong) = (loss.value(&[0.9, 0.1], &[1.0, 0.0]), loss.value(&[0.1, 0.9], &[1.0, 0.0]));
/// assert!(wrong > 1000.0 * sure);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CategoricalFocalCrossEntropy {
    /// γ: a larger γ makes outputs that are already right count less.
    pub gamma: f32,
    /// α: a factor of the whole loss.
    pub alpha: f32,
}

crate::tensor::zeros!(CategoricalFocalCrossEntropy { gamma, alpha });

impl Default for CategoricalFocalCrossEntropy {
    fn default() -> Self {
        CategoricalFocalCrossEntropy { gamma: 2.0, alpha: 0.25 }
    }
}

impl<const N: usize> Loss<[f32; N], [f32; N]> for CategoricalFocalCrossEntropy {
    const NAME: &'static str = "categorical_focal_cross_entropy";

    fn value(&self, y: &[f32; N], target: &[f32; N]) -> f32 {
        let share = 1.0 / reduce::sum(&First, y, y);
        let term = |y: &f32, t: &f32| {
            let p = clip(y * share);
            power(1.0 - p, self.gamma) * math::ln(p) * t
        };
        // NaN if the sum is 0, even if all targets are 0.
        let zero = share.abs() * 0.0;
        -self.alpha * y.iter().zip(target).fold(zero, |sum, (y, t)| if *t == 0.0 { sum } else { sum + term(y, t) })
    }

    // With s = Σ y, p = y / s and h = ∂/∂p: ∂/∂y = (h − Σ h p) / s
    fn gradient(&self, y: &[f32; N], target: &[f32; N], scale: f32, dy: &mut [f32; N]) -> f32 {
        let share = 1.0 / reduce::sum(&First, y, y);
        let mut sum = 0.0;
        for ((y, t), dy) in y.iter().zip(target).zip(dy.iter_mut()) {
            let (p, doubt) = (y * share, 1.0 - y * share);
            let slope = |focus: f32| self.alpha * t * focus * (self.gamma / doubt * math::ln(p) - 1.0 / p);
            *dy = if p == clip(p) && *t != 0.0 { slope(power(doubt, self.gamma)) } else { 0.0 };
            sum += *dy * p;
        }
        for dy in dy.iter_mut() {
            *dy = (*dy - sum) * share * scale;
        }
        checked(self.value(y, target), dy)
    }
}
