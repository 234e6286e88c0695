use super::{After, Before, FusedUpdate, Gradient, Optimizer, pass};
use crate::kernels::{Lanes, update::Rule};
use crate::tensor::Architecture;
use crate::tensor::Tensor;

/// Gradient descent with Nesterov's momentum (Sutskever et al. 2013): `v ← μ v − lr g`, `w ← w + μ v − lr g`.
///
/// Keras' form, with the rate inside the velocity; PyTorch's ([`Nesterov::pytorch`]) has it outside:
/// `v ← μ v + g`, `w ← w − lr (g + μ v)`. They part when the rate changes.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Nesterov<const PYTORCH: bool = false> {
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

impl Nesterov<true> {
    /// PyTorch's, with a learning rate and a momentum.
    pub const fn pytorch(learning_rate: f32, momentum: f32) -> Self {
        Nesterov { learning_rate, momentum }
    }
}

impl Default for Nesterov {
    fn default() -> Self {
        Self::new(0.01, 0.9)
    }
}

impl<const PYTORCH: bool> Optimizer for Nesterov<PYTORCH> {
    const NAME: &'static str = "nesterov";
    const KIND: Architecture = Architecture::layer(if PYTORCH { "nesterov pytorch" } else { "nesterov" });
    type Moments<T: Tensor> = T;
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
    fn update<'g, T: Tensor>(&self, w: &mut T, from: usize, grad: impl Into<Gradient<'g>>, velocity: &mut T) {
        pass(self, w, from, grad.into(), [velocity]);
    }
}

impl<const PYTORCH: bool> FusedUpdate for Nesterov<PYTORCH> {
    #[inline(always)]
    fn update_after<'g, T: Tensor>(
        &self,
        before: impl Before,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        velocity: &mut T,
    ) {
        pass(&After(before, self.clone()), w, from, grad.into(), [velocity]);
    }
}

impl<const PYTORCH: bool> Rule<1> for Nesterov<PYTORCH> {
    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, [v]: &mut [V; 1]) -> V {
        if const { PYTORCH } {
            *v = (*v).mul_add(V::splat(self.momentum), g);
            return (*v).mul_add(V::splat(self.momentum), g).mul_add(V::splat(-self.learning_rate), w);
        }
        let step = g * V::splat(-self.learning_rate);
        *v = (*v).mul_add(V::splat(self.momentum), step);
        (*v).mul_add(V::splat(self.momentum), step) + w
    }
}
