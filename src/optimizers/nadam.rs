use super::{Moments, Optimizer, correction::correction, follow, follow_square};
use crate::kernels::{Lanes, root};
use crate::tensor::{Zero, numbers, zeros};

/// Adam with Nesterov's momentum (Dozat 2016), as Keras and PyTorch have it, with `m` and `v` as in [`Adam`](super::Adam):
///
/// `μₜ = β₁ (1 − ½ dᵗ)`, `w ← w − lr (μₜ₊₁ m / (1 − μ₁…μₜ₊₁) + (1 − μₜ) g / (1 − μ₁…μₜ)) / (√(v / (1 − β₂ᵗ)) + ε)`
///
/// * Keras: d = 0.96, ε = 1e-7;
/// * PyTorch ([`Nadam::pytorch`]): d = 0.96^0.004, ε = 1e-8.
///
/// ```
/// use baregrad::prelude::*;
/// type Model = Trainer<Dense<2, 1>, MeanSquaredError, Nadam, 1>;
/// const MODEL: Model = Trainer::untrained(MeanSquaredError, Nadam::new(1e-3));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Nadam {
    /// Learning rate.
    pub learning_rate: f32,
    /// β₁, the share of the mean that is kept.
    pub beta_1: f32,
    /// β₂, the share of the mean square that is kept.
    pub beta_2: f32,
    /// ε, which keeps the step finite.
    pub epsilon: f32,
    /// d, by which the momentum grows from about half of β₁ to β₁.
    pub momentum_decay: f32,
    /// dᵗ, μ₁…μₜ, and the state of 1 − β₂ᵗ after t steps.
    decayed: f32,
    product: f32,
    correction: f32,
    /// The rates of the mean and of the gradient, and ε, of this step.
    rates: [f32; 2],
    floor: f32,
}

zeros! {
    Nadam { learning_rate, beta_1, beta_2, epsilon, momentum_decay, decayed, product, correction, rates, floor }
}
crate::tensor::free_rate!([] Nadam);

impl Nadam {
    /// Keras' Nadam with a learning rate.
    pub const fn new(learning_rate: f32) -> Self {
        Nadam {
            learning_rate,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-7,
            momentum_decay: 0.96,
            decayed: 1.0,
            product: 1.0,
            ..Self::ZERO
        }
    }

    /// PyTorch's NAdam with a learning rate. The default rate there is 2e-3.
    pub const fn pytorch(learning_rate: f32) -> Self {
        // 0.96^0.004: PyTorch's `momentum_decay` is the exponent.
        Nadam { epsilon: 1e-8, momentum_decay: 0.999_836_74, ..Self::new(learning_rate) }
    }
}

default_rate!(Nadam = 1e-3);

impl Optimizer for Nadam {
    const NAME: &'static str = "nadam";
    /// m and v.
    type Moments = Moments<2>;
    numbers!(learning_rate, beta_1, beta_2, epsilon, momentum_decay; decayed = 1.0, product = 1.0, correction = 0.0);

    #[inline]
    fn begin_step(&mut self) {
        self.decayed *= self.momentum_decay;
        let momentum = self.beta_1 * (1.0 - 0.5 * self.decayed);
        let next = self.beta_1 * (1.0 - 0.5 * self.decayed * self.momentum_decay);
        self.product *= momentum;
        // Numerator and denominator are multiplied by √(1 − β₂ᵗ).
        let root = Lanes::sqrt(correction(&mut self.correction, self.beta_2));
        let rate = self.learning_rate * root;
        self.rates = [rate * next / (1.0 - self.product * next), rate * (1.0 - momentum) / (1.0 - self.product)];
        self.floor = self.epsilon * root;
    }

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, [m, v]: &mut [V; 2]) -> V {
        let [of_mean, of_gradient] = self.rates;
        *m = follow(*m, g, 1.0 - self.beta_1);
        *v = follow_square(*v, g, 1.0 - self.beta_2);
        let step = (*m).mul_add(w.splat(of_mean), g * w.splat(of_gradient));
        w - step / (root::root(*v) + w.splat(self.floor))
    }
}
