use super::{Before, Both, FusedUpdate, Gradient, Optimizer};
use crate::kernels::Lanes;
use crate::tensor::Architecture;
use crate::tensor::Tensor;

/// Any optimiser with weight decay in the gradient: `g ← g + decay · w` before its own rule, which is what an L2 penalty
/// of `decay / 2 · Σ w²` does.
///
/// PyTorch's argument `weight_decay` of every optimiser but `AdamW`. Keras' is [`WeightDecay`](super::WeightDecay).
///
/// ```
/// use baregrad::prelude::*;
/// // torch.optim.SGD(parameters, lr=0.1, weight_decay=0.01)
/// let mut optimizer = CoupledWeightDecay::of(Sgd::new(0.1), 0.01);
/// optimizer.begin_step();
/// let mut w = [1.0];
/// optimizer.update(&mut w, 0, &[0.0], &mut ());
/// assert_eq!(w, [0.999]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CoupledWeightDecay<O> {
    /// The optimiser.
    pub optimizer: O,
    /// The share of a weight that is added to its gradient.
    pub weight_decay: f32,
}

impl<O> CoupledWeightDecay<O> {
    /// Of an optimiser, with a decay.
    pub const fn of(optimizer: O, weight_decay: f32) -> Self {
        CoupledWeightDecay { optimizer, weight_decay }
    }
}

/// The pull of a weight to 0.
#[derive(Clone, Copy)]
pub(super) struct Pull(pub(super) f32);

impl Before for Pull {
    #[inline(always)]
    fn before<V: Lanes>(&self, w: V, g: V) -> [V; 2] {
        [w, w.mul_add(V::splat(self.0), g)]
    }
}

impl<O: FusedUpdate> Optimizer for CoupledWeightDecay<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("coupled_weight_decay");
    type Moments<T: Tensor> = O::Moments<T>;
    type Numbers = (O::Numbers, f32);

    fn numbers(&self) -> Self::Numbers {
        (self.optimizer.numbers(), self.weight_decay)
    }

    fn set_numbers(&mut self, (numbers, weight_decay): &Self::Numbers) {
        self.optimizer.set_numbers(numbers);
        self.weight_decay = *weight_decay;
    }

    fn learning_rate(&self) -> f32 {
        self.optimizer.learning_rate()
    }

    fn set_learning_rate(&mut self, rate: f32) {
        self.optimizer.set_learning_rate(rate);
    }

    #[inline]
    fn begin_step(&mut self) {
        self.optimizer.begin_step();
    }

    #[inline(always)]
    fn update<'g, T: Tensor>(
        &self,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        moments: &mut Self::Moments<T>,
    ) {
        self.optimizer.update_after(Pull(self.weight_decay), w, from, grad, moments);
    }
}

impl<O: FusedUpdate> FusedUpdate for CoupledWeightDecay<O> {
    #[inline(always)]
    fn update_after<'g, T: Tensor>(
        &self,
        before: impl Before,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        moments: &mut Self::Moments<T>,
    ) {
        self.optimizer.update_after(Both(before, Pull(self.weight_decay)), w, from, grad, moments);
    }
}
