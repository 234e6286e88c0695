use super::{MomentLanes, Optimizer};
use crate::kernels::Lanes;
use crate::tensor::{Architecture, Floats};

/// Any optimiser with weight decay in the gradient: `g ← g + decay · w` before its own rule, which is what an L2 penalty
/// of `decay / 2 · Σ w²` does.
///
/// PyTorch's argument `weight_decay` of every optimiser but `AdamW`. Keras' is [`WeightDecay`](super::WeightDecay).
///
/// ```
/// use baregrad::{optimizers::update, prelude::*};
/// // torch.optim.SGD(parameters, lr=0.1, weight_decay=0.01)
/// let mut optimizer = CoupledWeightDecay::of(Sgd::new(0.1), 0.01);
/// optimizer.begin_step();
/// let mut w = [1.0];
/// update(&optimizer, &mut w, 0, &[0.0], &mut []);
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

impl<O: Optimizer> Optimizer for CoupledWeightDecay<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("coupled_weight_decay");
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type Moments = O::Moments;
    numbers!(weight_decay; of optimizer);
    forward!(optimizer: begin_step, prepare);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut MomentLanes<O, V>) -> V {
        self.optimizer.apply(w, w.mul_add(V::splat(self.weight_decay), g), moments)
    }
}
