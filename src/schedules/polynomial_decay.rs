use super::Schedule;

/// `(initial − end) (1 − step / steps) ^ power + end`, then `end`, as in Keras' `PolynomialDecay`. By default it is a
/// straight line.
///
/// With `cycle` the number of steps is doubled, then tripled and so on, each time it is reached, and the rate rises again.
///
/// ```
/// use baregrad::schedules::{PolynomialDecay, Schedule};
/// // PolynomialDecay(0.5, decay_steps=4, end_learning_rate=0.25)
/// let schedule = PolynomialDecay::new(0.5, 4, 0.25);
/// assert_eq!([0, 2, 4, 9].map(|step| schedule.rate(step)), [0.5, 0.375, 0.25, 0.25]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PolynomialDecay {
    /// The first rate.
    pub initial: f32,
    /// Number of steps in which the rate falls.
    pub decay_steps: u32,
    /// The last rate.
    pub end: f32,
    /// The power of the polynomial.
    pub power: f32,
    /// Whether the decay starts again, over a longer time.
    pub cycle: bool,
}

crate::tensor::zeros!(PolynomialDecay { initial, decay_steps, end, power, cycle });

impl PolynomialDecay {
    /// A straight line, once.
    pub const fn new(initial: f32, decay_steps: u32, end: f32) -> Self {
        PolynomialDecay { initial, decay_steps, end, power: 1.0, cycle: false }
    }
}

impl Schedule for PolynomialDecay {
    const NAME: &'static str = "polynomial_decay";

    fn rate(&self, step: u32) -> f32 {
        let length = self.decay_steps.max(1);
        let times = if self.cycle { step.div_ceil(length).max(1) } else { 1 };
        let fraction = (step as f32 / (length as f32 * times as f32)).min(1.0);
        (self.initial - self.end) * libm::powf(1.0 - fraction, self.power) + self.end
    }
}
