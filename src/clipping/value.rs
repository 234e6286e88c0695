use super::storable;
use crate::kernels::Lanes;
use crate::tensor::Zero;
use crate::tensor::{Architecture, Floats};
use crate::tensor::{FreeRate, MomentLanes, Optimizer, forward, numbers};

/// Bounds each number of the gradient to ± `limit`: Keras' `clipvalue`. The gradient need not be in memory.
///
/// ```
/// use baregrad::{clipping::ClipValue, prelude::*};
/// // Adam(clipvalue=0.5)
/// let adam = ClipValue::new(Adam::new(1e-3), 0.5);
/// let model = Trainer::<Dense<2, 1>, _, _, 8>::untrained(MeanSquaredError, adam);
/// assert_eq!(model.optimizer.optimizer.learning_rate, 1e-3);
/// ```
#[derive(Clone, Debug)]
pub struct ClipValue<O> {
    /// The optimiser that takes the clipped gradient.
    pub optimizer: O,
    /// The bound; ∞ means that nothing is clipped.
    pub limit: f32,
}

crate::tensor::zeros!(impl [O: Zero] ClipValue<O> { optimizer, limit });
crate::tensor::free_rate!([O: FreeRate] ClipValue<O>, optimizer);

impl<O: Optimizer> ClipValue<O> {
    /// Wraps an optimiser, with a bound.
    pub const fn new(optimizer: O, limit: f32) -> Self {
        ClipValue { optimizer, limit }
    }
}

impl<O: Optimizer> Optimizer for ClipValue<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("clip_value");
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type Moments = O::Moments;
    numbers!(limit as storable; of optimizer);
    forward!(optimizer: begin_step, prepare);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut MomentLanes<O, V>) -> V {
        // NaN stays NaN.
        let (low, high) = (w.splat(-self.limit), w.splat(self.limit));
        self.optimizer.apply(w, high.if_less(g, high, g.if_less(low, low, g)), moments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::{Sgd, update};

    #[test]
    fn all_but_nan_is_bounded() {
        let mut w = [0.0; 7];
        let g = [0.25, -0.25, 2.0, -2.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
        update(&ClipValue::new(Sgd::new(1.0), 0.5), &mut w, 0, &g, &mut []);
        assert_eq!(w[..6], [-0.25, 0.25, -0.5, 0.5, -0.5, 0.5]);
        assert!(w[6].is_nan());
    }
}
