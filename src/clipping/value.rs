use crate::optimizers::{Gradient, Optimizer};
use crate::tensor::Architecture;
use crate::tensor::{Floats, Tensor};

/// Bounds each number of the gradient to ± `limit`: Keras' `clipvalue`. It needs no gradient in memory.
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
    /// What takes the clipped gradient.
    pub optimizer: O,
    /// The bound.
    pub limit: f32,
}

impl<O: Optimizer> ClipValue<O> {
    /// Of an optimiser and a bound.
    pub const fn new(optimizer: O, limit: f32) -> Self {
        ClipValue { optimizer, limit }
    }
}

impl<O: Optimizer> Optimizer for ClipValue<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND;
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type Moments<T: Tensor> = O::Moments<T>;
    type Numbers = (f32, O::Numbers);

    fn numbers(&self) -> (f32, O::Numbers) {
        (self.limit, self.optimizer.numbers())
    }

    fn set_numbers(&mut self, (limit, numbers): &(f32, O::Numbers)) {
        self.limit = *limit;
        self.optimizer.set_numbers(numbers);
    }

    fn learning_rate(&self) -> f32 {
        self.optimizer.learning_rate()
    }

    fn set_learning_rate(&mut self, rate: f32) {
        self.optimizer.set_learning_rate(rate);
    }

    fn prepare<G: Floats>(&mut self, grad: &mut G) {
        self.optimizer.prepare(grad);
    }

    #[inline]
    fn begin_step(&mut self) {
        self.optimizer.begin_step();
    }

    #[inline]
    fn update<'g, T: Tensor>(
        &self,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        moments: &mut Self::Moments<T>,
    ) {
        grad.into().pieces(|place, piece| {
            piece.iter_mut().for_each(|g| *g = clip(*g, self.limit));
            self.optimizer.update(w, from + place, &*piece, moments);
        });
    }
}

/// Not `clamp`, which panics where the limit is NaN.
fn clip(g: f32, limit: f32) -> f32 {
    if g > limit {
        limit
    } else if g < -limit {
        -limit
    } else {
        g
    }
}
