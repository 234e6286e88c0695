use super::{Moments, Optimizer, correction::correction, flush_square, follow};
use crate::kernels::Lanes;
use crate::tensor::{Zero, numbers};

/// Adamax (Kingma & Ba 2015, section 7.1): `m ← m + (1 − β₁)(g − m)`, then
///
/// * Keras: `u ← max(β₂ u, |g|)`, `w ← w − lr / (1 − β₁ᵗ) · m / (u + ε)`, ε = 1e-7;
/// * PyTorch ([`Adamax::pytorch`]): `u ← max(β₂ u, |g| + ε)`, `w ← w − lr / (1 − β₁ᵗ) · m / u`, ε = 1e-8.
///
/// It needs no root, so it is cheap on microcontrollers.
///
/// ```
/// use baregrad::prelude::*;
/// type Model = Trainer<Dense<2, 1>, MeanSquaredError, Adamax, 1>;
/// const MODEL: Model = Trainer::untrained(MeanSquaredError, Adamax::new(0.01));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adamax {
    /// Learning rate.
    pub learning_rate: f32,
    /// β₁, the share of the mean that is kept.
    pub beta_1: f32,
    /// β₂, the share of the largest gradient that is kept.
    pub beta_2: f32,
    /// ε, which keeps the step finite.
    pub epsilon: f32,
    epsilon_inside: bool,
    /// The state of 1 − β₁ᵗ after t steps.
    correction: f32,
    /// The rate of this step.
    rate: f32,
}

crate::tensor::zeros!(Adamax { learning_rate, beta_1, beta_2, epsilon, epsilon_inside, correction, rate });
crate::tensor::free_rate!([] Adamax);

impl Adamax {
    /// Keras' Adamax with a learning rate.
    pub const fn new(learning_rate: f32) -> Self {
        Adamax { learning_rate, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, ..Self::ZERO }
    }

    /// PyTorch's Adamax with a learning rate. The default rate there is 2e-3.
    pub const fn pytorch(learning_rate: f32) -> Self {
        Adamax { epsilon: 1e-8, epsilon_inside: true, ..Self::new(learning_rate) }
    }
}

default_rate!(Adamax = 1e-3);

impl Optimizer for Adamax {
    const NAME: &'static str = "adamax";
    /// m and u.
    type Moments = Moments<2>;
    numbers!(learning_rate, beta_1, beta_2, epsilon, epsilon_inside; correction = 0.0);

    #[inline]
    fn begin_step(&mut self) {
        self.rate = self.learning_rate / correction(&mut self.correction, self.beta_1);
    }

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, [m, u]: &mut [V; 2]) -> V {
        let (inside, after) = if self.epsilon_inside { (self.epsilon, 0.0) } else { (0.0, self.epsilon) };
        *m = follow(*m, g, 1.0 - self.beta_1);
        *u = flush_square(*u * w.splat(self.beta_2)).max(g.abs() + w.splat(inside));
        w - *m * w.splat(self.rate) / (*u + w.splat(after))
    }
}
