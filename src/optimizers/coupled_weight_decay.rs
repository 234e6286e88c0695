use super::weight_decay::Decay;

/// Any optimiser with weight decay in the gradient: `g ← g + decay · w` before its own rule. An L2 penalty of
/// `decay / 2 · Σ w²` does the same.
///
/// This is PyTorch's argument `weight_decay` of every optimiser except `AdamW`. Keras' argument is
/// [`WeightDecay`](super::WeightDecay).
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
pub type CoupledWeightDecay<O> = Decay<O, true>;
