use super::{Schedule, cosine};

/// Half a cosine wave from `initial` down to `alpha · initial`, which then stays (Loshchilov & Hutter 2017), as in Keras'
/// `CosineDecay`.
///
/// PyTorch's `CosineAnnealingLR(T_max=steps)` takes the lowest rate itself instead of `alpha`, and rises again after
/// `steps`. Keras' warm-up is [`WarmUp`](super::WarmUp).
///
/// ```
/// use baregrad::schedules::{CosineDecay, Schedule};
/// let schedule = CosineDecay { initial: 0.5, decay_steps: 10, alpha: 0.0 };
/// assert_eq!([0, 10, 11].map(|step| schedule.rate(step)), [0.5, 0.0, 0.0]);
/// assert!((schedule.rate(5) - 0.25).abs() < 1e-7);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CosineDecay {
    /// The first rate.
    pub initial: f32,
    /// Number of steps in which the rate falls.
    pub decay_steps: u32,
    /// The last rate as a share of the first.
    pub alpha: f32,
}

crate::tensor::zeros!(CosineDecay { initial, decay_steps, alpha });

impl Schedule for CosineDecay {
    const NAME: &'static str = "cosine_decay";

    fn rate(&self, step: u32) -> f32 {
        cosine(self.initial, self.initial * self.alpha, step as f32 / self.decay_steps.max(1) as f32)
    }
}
