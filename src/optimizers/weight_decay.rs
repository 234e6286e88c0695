use super::{MomentLanes, Optimizer};
use crate::kernels::Lanes;
use crate::tensor::{Architecture, Floats};

/// Any optimiser with decoupled weight decay (Loshchilov & Hutter 2019): `w ← w − lr · decay · w` before its own rule.
///
/// Keras' argument `weight_decay` of every optimiser; in PyTorch that of `AdamW` alone, for which [`AdamW`](super::AdamW)
/// is the short name here, and [`CoupledWeightDecay`](super::CoupledWeightDecay) that of the others. Biases decay as well, as in both libraries. It is
/// done in the optimiser's own pass, for one multiplication a weight.
///
/// ```
/// use baregrad::{optimizers::update, prelude::*};
/// // SGD(learning_rate=0.1, momentum=0.9, weight_decay=0.01)
/// let mut optimizer = WeightDecay::of(Momentum::new(0.1, 0.9), 0.01);
/// optimizer.begin_step();
/// let (mut w, mut velocity) = ([1.0], [[0.0]]);
/// update(&optimizer, &mut w, 0, &[0.0], &mut velocity);
/// assert_eq!(w, [0.999]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WeightDecay<O> {
    /// The optimiser.
    pub optimizer: O,
    /// The share of a weight that is taken off at each step, for a rate of 1.
    pub weight_decay: f32,
    /// −lr · decay of this step.
    change: f32,
}

impl<O> WeightDecay<O> {
    /// Of an optimiser, with a decay.
    pub const fn of(optimizer: O, weight_decay: f32) -> Self {
        WeightDecay { optimizer, weight_decay, change: 0.0 }
    }
}

impl<O: Optimizer> Optimizer for WeightDecay<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("weight_decay");
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type Moments = O::Moments;
    numbers!(weight_decay; of optimizer);
    forward!(optimizer: prepare);

    #[inline]
    fn begin_step(&mut self) {
        self.optimizer.begin_step();
        self.change = -self.optimizer.learning_rate() * self.weight_decay;
    }

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut MomentLanes<O, V>) -> V {
        // Not w · (1 − lr · decay): next to 1, a small decay would be rounded away.
        self.optimizer.apply(w.mul_add(V::splat(self.change), w), g, moments)
    }
}
