use super::{Before, Both, FusedUpdate, Gradient, Optimizer};
use crate::kernels::Lanes;
use crate::tensor::Architecture;
use crate::tensor::Tensor;

/// Any optimiser with decoupled weight decay (Loshchilov & Hutter 2019): `w ← w − lr · decay · w` before its own rule.
///
/// Keras' argument `weight_decay` of every optimiser; in PyTorch that of `AdamW` alone, for which [`AdamW`](super::AdamW)
/// is the short name here, and [`CoupledWeightDecay`](super::CoupledWeightDecay) that of the others. Biases decay as well, as in both libraries. It is
/// done in the optimiser's own pass, for one multiplication a weight.
///
/// ```
/// use baregrad::prelude::*;
/// // SGD(learning_rate=0.1, momentum=0.9, weight_decay=0.01)
/// let mut optimizer = WeightDecay::of(Momentum::new(0.1, 0.9), 0.01);
/// optimizer.begin_step();
/// let (mut w, mut velocity) = ([1.0], [0.0]);
/// optimizer.update(&mut w, 0, &[0.0], &mut velocity);
/// assert_eq!(w, [0.999]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WeightDecay<O> {
    /// The optimiser.
    pub optimizer: O,
    /// The share of a weight that is taken off at each step, for a rate of 1.
    pub weight_decay: f32,
    /// 1 − lr · decay of this step.
    keep: f32,
}

impl<O> WeightDecay<O> {
    /// Of an optimiser, with a decay.
    pub const fn of(optimizer: O, weight_decay: f32) -> Self {
        WeightDecay { optimizer, weight_decay, keep: 1.0 }
    }
}

/// The share of a weight that stays.
#[derive(Clone, Copy)]
pub(super) struct Keep(pub(super) f32);

impl Before for Keep {
    #[inline(always)]
    fn before<V: Lanes>(&self, w: V, g: V) -> [V; 2] {
        [w * V::splat(self.0), g]
    }
}

impl<O: FusedUpdate> Optimizer for WeightDecay<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("weight_decay");
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
        self.keep = 1.0 - self.optimizer.learning_rate() * self.weight_decay;
    }

    #[inline(always)]
    fn update<'g, T: Tensor>(
        &self,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        moments: &mut Self::Moments<T>,
    ) {
        self.optimizer.update_after(Keep(self.keep), w, from, grad, moments);
    }
}

impl<O: FusedUpdate> FusedUpdate for WeightDecay<O> {
    #[inline(always)]
    fn update_after<'g, T: Tensor>(
        &self,
        before: impl Before,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        moments: &mut Self::Moments<T>,
    ) {
        self.optimizer.update_after(Both(before, Keep(self.keep)), w, from, grad, moments);
    }
}
