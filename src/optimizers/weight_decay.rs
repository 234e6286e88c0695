use super::{FreeRate, MomentLanes, Optimizer};
use crate::kernels::Lanes;
use crate::tensor::Zero;
use crate::tensor::{Architecture, Floats, forward, numbers};

/// Any optimiser with decoupled weight decay (Loshchilov & Hutter 2019): `w ← w − lr · decay · w` before its own rule.
///
/// This is Keras' argument `weight_decay` of every optimiser. In PyTorch only `AdamW` has it, which is
/// [`AdamW`](super::AdamW) here; the other optimisers have [`CoupledWeightDecay`](super::CoupledWeightDecay). Biases decay
/// too, as in both libraries. The decay is part of the optimiser's own pass, and costs one multiply-add per weight.
///
/// A change of less than half a unit in the last place of a weight is lost in f32, here and in both libraries. If lr · decay
/// is below 3e-8, no weight decays.
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
pub type WeightDecay<O> = Decay<O, false>;

/// An optimiser with weight decay: [`WeightDecay`] and [`CoupledWeightDecay`](super::CoupledWeightDecay).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Decay<O, const COUPLED: bool> {
    /// The optimiser.
    pub optimizer: O,
    /// The share of a weight that each step subtracts, if the rate is 1; if coupled, the share that is added to its
    /// gradient.
    pub weight_decay: f32,
}

crate::tensor::zeros!(impl [O: Zero, const COUPLED: bool] Decay<O, COUPLED> { optimizer, weight_decay });
crate::tensor::free_rate!([O: FreeRate, const COUPLED: bool] Decay<O, COUPLED>, optimizer);

impl<O, const COUPLED: bool> Decay<O, COUPLED> {
    /// Adds a decay to an optimiser.
    pub const fn of(optimizer: O, weight_decay: f32) -> Self {
        Decay { optimizer, weight_decay }
    }
}

impl<O: Optimizer, const COUPLED: bool> Optimizer for Decay<O, COUPLED> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word(if COUPLED { "coupled_weight_decay" } else { "weight_decay" });
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type Moments = O::Moments;
    numbers!(weight_decay; of optimizer);
    forward!(optimizer: begin_step, prepare);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut MomentLanes<O, V>) -> V {
        if const { COUPLED } {
            return self.optimizer.apply(w, w.mul_add(w.splat(self.weight_decay), g), moments);
        }
        // Not w · (1 − lr · decay): next to the 1, a small decay would be rounded away.
        let change = -self.optimizer.learning_rate() * self.weight_decay;
        self.optimizer.apply(w.mul_add(w.splat(change), w), g, moments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::{AdamW, update};

    #[test]
    fn small_decays_are_not_rounded_away() {
        for rate in [1e-3, 1e-4, 1e-5] {
            let mut adamw = AdamW::new(rate);
            adamw.begin_step();
            let mut w: [f32; 1024] = core::array::from_fn(|i| 1.0 + i as f32 / 1024.0);
            let sum = |w: &[f32]| w.iter().map(|w| f64::from(*w)).sum::<f64>();
            let before = sum(&w);
            update(&adamw, &mut w, 0, &[0.0; 1024], &mut [[0.0; 1024]; 2]);
            let share = (before - sum(&w)) / (before * f64::from(rate) * 0.004);
            assert!((share - 1.0).abs() < 0.05, "{share} of the decay at a rate of {rate}");
        }
    }
}
