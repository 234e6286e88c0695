use super::{Schedule, progress};

/// `initial · rate ^ (step / steps)`, as in Keras' `ExponentialDecay`.
///
/// With `staircase` the exponent is rounded down, as in PyTorch's `StepLR`. With `decay_steps` 1 it is PyTorch's
/// `ExponentialLR`.
///
/// ```
/// use baregrad::schedules::{ExponentialDecay, Schedule};
/// // ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True)
/// let schedule = ExponentialDecay { staircase: true, ..ExponentialDecay::new(0.1, 10, 0.5) };
/// assert_eq!([0, 9, 10, 20].map(|step| schedule.rate(step)), [0.1, 0.1, 0.05, 0.025]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExponentialDecay {
    /// The first rate.
    pub initial: f32,
    /// Number of steps in which the rate is multiplied once.
    pub decay_steps: u32,
    /// The factor.
    pub decay_rate: f32,
    /// Whether the rate changes all at once instead of gradually.
    pub staircase: bool,
}

crate::tensor::zeros!(ExponentialDecay { initial, decay_steps, decay_rate, staircase });

impl ExponentialDecay {
    /// A gradual decay.
    pub const fn new(initial: f32, decay_steps: u32, decay_rate: f32) -> Self {
        ExponentialDecay { initial, decay_steps, decay_rate, staircase: false }
    }
}

impl Schedule for ExponentialDecay {
    const NAME: &'static str = "exponential_decay";

    fn rate(&self, step: u32) -> f32 {
        self.initial * libm::powf(self.decay_rate, progress(step, self.decay_steps, self.staircase))
    }
}
