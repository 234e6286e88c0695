use super::{Gradient, Optimizer, pass};
use crate::buffer::Buffer;
use crate::kernels::{Lanes, update::Rule};

/// Gradient descent with Nesterov's momentum (Sutskever et al. 2013): `v ← μ v − lr g`, `w ← w + μ v − lr g`.
///
/// Keras' form, with the rate inside the velocity; PyTorch's has it outside. They part when the rate changes.
#[derive(Clone, Debug)]
pub struct Nesterov {
    /// Learning rate.
    pub learning_rate: f32,
    /// μ, the share of the velocity that is kept.
    pub momentum: f32,
}

impl Nesterov {
    /// With a learning rate and a momentum.
    pub const fn new(learning_rate: f32, momentum: f32) -> Self {
        Nesterov { learning_rate, momentum }
    }
}

impl Default for Nesterov {
    fn default() -> Self {
        Self::new(0.01, 0.9)
    }
}

impl Optimizer for Nesterov {
    const NAME: &'static str = "nesterov";
    type Moments<T: Buffer> = T;
    type Numbers = [f32; 2];

    fn numbers(&self) -> [f32; 2] {
        [self.learning_rate, self.momentum]
    }

    fn set_numbers(&mut self, numbers: &[f32; 2]) {
        [self.learning_rate, self.momentum] = *numbers;
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, rate: f32) {
        self.learning_rate = rate;
    }

    fn begin_step(&mut self) {}

    #[inline(always)]
    fn update<'g, T: Buffer>(&self, w: &mut T, from: usize, grad: impl Into<Gradient<'g>>, velocity: &mut T) {
        pass(self, w, from, grad.into(), [velocity]);
    }
}

impl Rule<1> for Nesterov {
    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, [v]: &mut [V; 1]) -> V {
        let step = g * V::splat(-self.learning_rate);
        *v = (*v).mul_add(V::splat(self.momentum), step);
        (*v).mul_add(V::splat(self.momentum), step) + w
    }
}
