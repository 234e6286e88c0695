use super::{Schedule, progress};

/// `initial / (1 + rate · step / steps)`, as in Keras' `InverseTimeDecay`. With `staircase` the quotient is rounded down.
///
/// ```
/// use baregrad::schedules::{InverseTimeDecay, Schedule};
/// let schedule = InverseTimeDecay { initial: 0.1, decay_steps: 10, decay_rate: 1.0, staircase: false };
/// assert_eq!([0, 10, 30].map(|step| schedule.rate(step)), [0.1, 0.05, 0.025]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct InverseTimeDecay {
    /// The first rate.
    pub initial: f32,
    /// Number of steps in which the divisor grows once.
    pub decay_steps: u32,
    /// The number by which it grows.
    pub decay_rate: f32,
    /// Whether the divisor grows all at once instead of gradually.
    pub staircase: bool,
}

crate::tensor::zeros!(InverseTimeDecay { initial, decay_steps, decay_rate, staircase });

impl Schedule for InverseTimeDecay {
    const NAME: &'static str = "inverse_time_decay";

    fn rate(&self, step: u32) -> f32 {
        self.initial / (1.0 + self.decay_rate * progress(step, self.decay_steps, self.staircase))
    }
}
