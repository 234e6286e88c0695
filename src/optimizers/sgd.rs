use super::{After, Before, FusedUpdate, Gradient, Optimizer, pass};
use crate::kernels::{Lanes, update::Rule};
use crate::tensor::Tensor;

/// Plain gradient descent, `w ← w − lr · g`. Keras' default rate is 0.01.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sgd {
    /// Learning rate.
    pub learning_rate: f32,
}

impl Sgd {
    /// With a learning rate.
    pub const fn new(learning_rate: f32) -> Self {
        Sgd { learning_rate }
    }
}

impl Default for Sgd {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl Optimizer for Sgd {
    const NAME: &'static str = "sgd";
    type Moments<T: Tensor> = ();
    type Numbers = f32;

    fn numbers(&self) -> f32 {
        self.learning_rate
    }

    fn set_numbers(&mut self, learning_rate: &f32) {
        self.learning_rate = *learning_rate;
    }

    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, rate: f32) {
        self.learning_rate = rate;
    }

    fn begin_step(&mut self) {}

    #[inline(always)]
    fn update<'g, T: Tensor>(&self, w: &mut T, from: usize, grad: impl Into<Gradient<'g>>, _: &mut ()) {
        pass(self, w, from, grad.into(), []);
    }
}

impl FusedUpdate for Sgd {
    #[inline(always)]
    fn update_after<'g, T: Tensor>(
        &self,
        before: impl Before,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        _: &mut (),
    ) {
        pass(&After(before, self.clone()), w, from, grad.into(), []);
    }
}

impl Rule<0> for Sgd {
    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, []: &mut [V; 0]) -> V {
        g.mul_add(V::splat(-self.learning_rate), w)
    }
}
