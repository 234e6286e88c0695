use super::{Moments, Optimizer, follow};
use crate::kernels::Lanes;
use crate::tensor::numbers;

/// Lion (Chen et al. 2023): `w ← w − lr · sign(β₁ m + (1 − β₁) g)`, `m ← β₂ m + (1 − β₂) g`, as in Keras. PyTorch has no
/// Lion.
///
/// It stores one number per weight, and needs neither a root nor a division.
///
/// ```
/// use baregrad::prelude::*;
/// type Model = Trainer<Dense<2, 1>, MeanSquaredError, Lion, 1>;
/// const MODEL: Model = Trainer::untrained(MeanSquaredError, Lion::new(1e-4));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Lion {
    /// Learning rate.
    pub learning_rate: f32,
    /// β₁, the share of the mean in the step.
    pub beta_1: f32,
    /// β₂, the share of the mean that is kept.
    pub beta_2: f32,
}

crate::tensor::zeros!(Lion { learning_rate, beta_1, beta_2 });
crate::tensor::free_rate!([] Lion);

impl Lion {
    /// With a learning rate.
    pub const fn new(learning_rate: f32) -> Self {
        Lion { learning_rate, beta_1: 0.9, beta_2: 0.99 }
    }
}

default_rate!(Lion = 1e-3);

impl Optimizer for Lion {
    const NAME: &'static str = "lion";
    /// m.
    type Moments = Moments<1>;
    numbers!(learning_rate, beta_1, beta_2);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, [m]: &mut [V; 1]) -> V {
        let (zero, rate) = (w.splat(0.0), w.splat(self.learning_rate));
        let c = (*m).mul_add(w.splat(self.beta_1), g * w.splat(1.0 - self.beta_1));
        *m = follow(*m, g, 1.0 - self.beta_2);
        // 0 stays 0, and NaN stays NaN.
        w - zero.if_less(c, rate, c.if_less(zero, -rate, c))
    }
}
