use super::Schedule;
use crate::tensor::Zero;

/// A straight line from one rate up to the first rate of another schedule, which follows it.
///
/// Keras' `CosineDecay(from, …, warmup_target, warmup_steps)` is a warm-up before a [`CosineDecay`](super::CosineDecay)
/// whose first rate is the target. Here any schedule can have a warm-up. In PyTorch it is a `SequentialLR` of a `LinearLR`
/// and another schedule.
///
/// ```
/// use baregrad::prelude::*;
/// let schedule = WarmUp { from: 0.0, steps: 4, schedule: ConstantRate(0.5) };
/// assert_eq!([0, 1, 4, 9].map(|step| schedule.rate(step)), [0.0, 0.125, 0.5, 0.5]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WarmUp<S> {
    /// The first rate.
    pub from: f32,
    /// Number of steps in which the rate rises.
    pub steps: u32,
    /// The schedule that follows. Its steps are counted from the end of the warm-up.
    pub schedule: S,
}

crate::tensor::zeros!(impl [S: Zero] WarmUp<S> { from, steps, schedule });

impl<S: Schedule> Schedule for WarmUp<S> {
    const NAME: &'static str = S::NAME;

    fn rate(&self, step: u32) -> f32 {
        match step.checked_sub(self.steps) {
            Some(step) => self.schedule.rate(step),
            None => (self.schedule.rate(0) - self.from) * (step as f32 / self.steps as f32) + self.from,
        }
    }
}
