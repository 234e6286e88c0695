use super::{BinaryCrossEntropy, PointwiseLoss, Probabilities, unless_infinite};
use crate::kernels::{Lanes, math};

/// Mean of (1 − q)^γ times the [`BinaryCrossEntropy`], where q = t y + (1 − t)(1 − y) is the probability of the true class.
/// Outputs that are already right count less (Lin et al. 2017). It takes probabilities, which is Keras' default.
///
/// ```
/// use baregrad::losses::{BinaryFocalCrossEntropy, Loss};
/// let loss = BinaryFocalCrossEntropy::balanced(2.0, 0.25);
/// let (sure, wrong) = (Loss::value(&loss, &[0.9], &[1.0]), Loss::value(&loss, &[0.1], &[1.0]));
/// assert!(wrong > 1000.0 * sure);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BinaryFocalCrossEntropy {
    /// γ: a larger γ makes outputs that are already right count less.
    pub gamma: f32,
    /// Weights of the targets 0 and 1.
    pub balance: [f32; 2],
}

crate::tensor::zeros!(BinaryFocalCrossEntropy { gamma, balance });

impl BinaryFocalCrossEntropy {
    /// Makes the loss with this γ (2 by default), and weights both targets by 1.
    pub const fn new(gamma: f32) -> Self {
        BinaryFocalCrossEntropy { gamma, balance: [1.0; 2] }
    }

    /// Weights target 1 by α and target 0 by 1 − α: Keras' `apply_class_balancing=True`.
    pub const fn balanced(gamma: f32, alpha: f32) -> Self {
        BinaryFocalCrossEntropy { gamma, balance: [1.0 - alpha, alpha] }
    }

    #[inline(always)]
    fn factor<V: Lanes>(&self, target: V) -> V {
        let [zero, one] = self.balance;
        target.mul_add(target.splat(one - zero), target.splat(zero))
    }
}

impl Default for BinaryFocalCrossEntropy {
    fn default() -> Self {
        Self::new(2.0)
    }
}

/// Computes `x^power` for x from 0 to 1 and a power of 0 or more.
#[inline(always)]
pub(super) fn power<V: Lanes>(x: V, power: f32) -> V {
    math::exp(math::ln(x.max(x.splat(f32::MIN_POSITIVE))) * x.splat(power))
}

impl PointwiseLoss for BinaryFocalCrossEntropy {
    const NAME: &'static str = "binary_focal_cross_entropy";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        let one = y.splat(1.0);
        let doubt = target.mul_add(one - y, (one - target) * y);
        let entropy = BinaryCrossEntropy::<Probabilities>::new().value(y, target);
        unless_infinite(self.factor(target) * power(doubt, self.gamma) * entropy, self.slope(y, target))
    }

    // doubt^γ · entropy′ + γ doubt^(γ − 1) (1 − 2 t) · entropy
    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        let one = y.splat(1.0);
        let doubt = target.mul_add(one - y, (one - target) * y).max(y.splat(f32::MIN_POSITIVE));
        let focus = power(doubt, self.gamma);
        let entropy = BinaryCrossEntropy::<Probabilities>::new();
        let of_focus = focus / doubt * y.splat(self.gamma) * (one - target - target) * entropy.value(y, target);
        self.factor(target) * focus.mul_add(entropy.slope(y, target), of_focus)
    }
}
