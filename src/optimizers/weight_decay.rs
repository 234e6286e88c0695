use super::{MomentLanes, Optimizer};
use crate::kernels::Lanes;
use crate::tensor::{Architecture, Floats};

/// Any optimiser with decoupled weight decay (Loshchilov & Hutter 2019): `w ← w − lr · decay · w` before its own rule.
///
/// Keras' argument `weight_decay` of every optimiser. In PyTorch it is the argument of `AdamW` alone, which is
/// [`AdamW`](super::AdamW) here; the others have [`CoupledWeightDecay`](super::CoupledWeightDecay). Biases decay as well, as
/// in both libraries. It is done in the optimiser's own pass, for one multiply-add per weight.
///
/// A change of less than half a unit in a weight's last place is lost in f32, here and in both libraries. With lr · decay
/// below 3e-8 no weight decays.
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
}

impl<O> WeightDecay<O> {
    /// Of an optimiser, with a decay.
    pub const fn of(optimizer: O, weight_decay: f32) -> Self {
        WeightDecay { optimizer, weight_decay }
    }
}

impl<O: Optimizer> Optimizer for WeightDecay<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("weight_decay");
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type Moments = O::Moments;
    numbers!(weight_decay; of optimizer);
    forward!(optimizer: begin_step, prepare);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut MomentLanes<O, V>) -> V {
        // Not w · (1 − lr · decay): a small decay would be rounded away next to the 1.
        let change = -self.optimizer.learning_rate() * self.weight_decay;
        self.optimizer.apply(w.mul_add(V::splat(change), w), g, moments)
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
