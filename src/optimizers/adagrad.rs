use super::{Moments, Optimizer};
use crate::kernels::{Lanes, root};
use crate::tensor::numbers;

/// Adagrad (Duchi, Hazan & Singer 2011): `s ← s + g²`, then
///
/// * Keras: `w ← w − lr g / √(0.1 + s + ε)`, ε = 1e-7;
/// * PyTorch ([`Adagrad::pytorch`]): `w ← w − lr g / (√s + ε)`, ε = 1e-10.
///
/// ```
/// use baregrad::prelude::*;
/// type Model = Trainer<Dense<2, 1>, MeanSquaredError, Adagrad, 1>;
/// const MODEL: Model = Trainer::untrained(MeanSquaredError, Adagrad::new(0.1));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adagrad {
    /// Learning rate.
    pub learning_rate: f32,
    /// The first value of the sum of squares: Keras' `initial_accumulator_value`.
    pub initial_accumulator: f32,
    /// ε, which keeps the step finite.
    pub epsilon: f32,
    epsilon_after_root: bool,
}

crate::tensor::zeros!(Adagrad { learning_rate, initial_accumulator, epsilon, epsilon_after_root });
crate::tensor::free_rate!([] Adagrad);

impl Adagrad {
    /// Keras' Adagrad with a learning rate.
    pub const fn new(learning_rate: f32) -> Self {
        Adagrad { learning_rate, initial_accumulator: 0.1, epsilon: 1e-7, epsilon_after_root: false }
    }

    /// PyTorch's Adagrad with a learning rate.
    pub const fn pytorch(learning_rate: f32) -> Self {
        Adagrad { learning_rate, initial_accumulator: 0.0, epsilon: 1e-10, epsilon_after_root: true }
    }
}

default_rate!(Adagrad = 1e-3);

impl Optimizer for Adagrad {
    const NAME: &'static str = "adagrad";
    /// s, without its first value: all moments start from 0.
    type Moments = Moments<1>;
    numbers!(learning_rate, initial_accumulator, epsilon, epsilon_after_root);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, [s]: &mut [V; 1]) -> V {
        let (inside, after) = if self.epsilon_after_root { (0.0, self.epsilon) } else { (self.epsilon, 0.0) };
        *s = g.mul_add(g, *s).min(w.splat(f32::MAX));
        let floor = w.splat(self.initial_accumulator + inside);
        w - g * w.splat(self.learning_rate) / (root::root((*s + floor).min(w.splat(f32::MAX))) + w.splat(after))
    }
}
