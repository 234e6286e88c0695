//! Learning rates that change with the steps, one schedule per file.
//!
//! A schedule computes the rate of a step from the number of the step. [`Scheduled`] gives it to an optimiser. To use a
//! schedule for epochs, set the rate once per epoch: `model.optimizer.set_learning_rate(schedule.rate(epoch))`.
//!
//! To add one, write a file, a line here, and an entry in `tests/common/catalogue`.

use crate::kernels::Lanes;
use crate::tensor::Zero;
use crate::tensor::{Architecture, Floats};
use crate::tensor::{FreeRate, MomentLanes, Optimizer, forward};

mod constant;
mod cosine_decay;
mod cosine_decay_restarts;
mod exponential_decay;
mod inverse_time_decay;
mod one_cycle;
mod piecewise_constant;
mod polynomial_decay;
mod warm_up;

pub use constant::ConstantRate;
pub use cosine_decay::CosineDecay;
pub use cosine_decay_restarts::CosineDecayRestarts;
pub use exponential_decay::ExponentialDecay;
pub use inverse_time_decay::InverseTimeDecay;
pub use one_cycle::OneCycle;
pub use piecewise_constant::PiecewiseConstant;
pub use polynomial_decay::PolynomialDecay;
pub use warm_up::WarmUp;

/// The learning rate of every step.
pub trait Schedule: Clone + 'static {
    /// Its name in Keras or PyTorch.
    const NAME: &'static str;

    /// Returns the rate of step `step`, counted from 0.
    fn rate(&self, step: u32) -> f32;
}

/// An optimiser that takes the rate of each step from a schedule: Keras' `learning_rate=schedule`.
///
/// Its [numbers](Optimizer::Numbers) include the step count, so that training continues from a checkpoint where it was. Its
/// rate cannot be set: [`ReduceOnPlateau`](crate::callbacks::ReduceOnPlateau) and
/// [`LearningRateScheduler`](crate::callbacks::LearningRateScheduler) do not compile with it, as Keras raises an error.
///
/// ```
/// use baregrad::prelude::*;
/// let mut sgd = Scheduled::new(Sgd::new(0.0), ConstantRate(0.25));
/// sgd.begin_step();
/// assert_eq!((sgd.step, sgd.learning_rate()), (1, 0.25));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scheduled<O, S> {
    /// The optimiser.
    pub optimizer: O,
    /// The schedule, which overwrites the optimiser's rate at each step.
    pub schedule: S,
    /// Number of steps that have begun. It stays at 2³² − 1, and with it the rate.
    pub step: u32,
}

crate::tensor::zeros!(impl [O: Zero, S: Zero] Scheduled<O, S> { optimizer, schedule, step });

impl<O, S> Scheduled<O, S> {
    /// Starts with the first step.
    pub const fn new(optimizer: O, schedule: S) -> Self {
        Scheduled { optimizer, schedule, step: 0 }
    }
}

impl<O: Default, S: Default> Default for Scheduled<O, S> {
    fn default() -> Self {
        Self::new(O::default(), S::default())
    }
}

impl<O: FreeRate, S: Schedule> Optimizer for Scheduled<O, S> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("scheduled");
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type Moments = O::Moments;
    /// The numbers of the optimiser, and the upper and lower half of the step count, because a float cannot hold every step
    /// count.
    type Numbers = (O::Numbers, [f32; 2]);

    fn numbers(&self) -> Self::Numbers {
        (self.optimizer.numbers(), [(self.step >> 16) as f32, (self.step & 0xffff) as f32])
    }

    fn set_numbers(&mut self, (numbers, [high, low]): &Self::Numbers) {
        self.optimizer.set_numbers(numbers);
        self.step = (*high as u32) << 16 | *low as u32;
    }

    forward!(optimizer: learning_rate, prepare, apply);

    fn restart(&mut self) {
        self.step = 0;
        self.optimizer.set_learning_rate(self.schedule.rate(0));
        self.optimizer.restart();
    }

    #[inline]
    fn begin_step(&mut self) {
        self.optimizer.set_learning_rate(self.schedule.rate(self.step));
        self.step = self.step.saturating_add(1);
        self.optimizer.begin_step();
    }
}

/// Returns how often `step` has gone through `steps`. With `staircase` only whole times count.
fn progress(step: u32, steps: u32, staircase: bool) -> f32 {
    let steps = steps.max(1);
    if staircase { (step / steps) as f32 } else { step as f32 / steps as f32 }
}

/// Returns the rate at a fraction of the way along half a cosine wave between two rates.
fn cosine(from: f32, to: f32, fraction: f32) -> f32 {
    let height = 0.5 * (1.0 + libm::cosf(core::f32::consts::PI * fraction.min(1.0)));
    (from - to) * height + to
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::Sgd;

    #[test]
    fn a_count_of_any_size_comes_back() {
        for step in [0, 1, 0xffff, 0x1_0000, 0x0123_4567, u32::MAX] {
            let scheduled = Scheduled { step, ..Scheduled::new(Sgd::new(0.1), ConstantRate(0.1)) };
            let mut other = Scheduled::new(Sgd::new(0.1), ConstantRate(0.1));
            other.set_numbers(&scheduled.numbers());
            assert_eq!(other.step, step);
        }
    }
}
