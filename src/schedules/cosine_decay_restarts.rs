use super::{Schedule, cosine};

/// A [`CosineDecay`](super::CosineDecay) that starts again whenever it is over (SGDR, Loshchilov & Hutter 2017), as in
/// Keras' `CosineDecayRestarts` and PyTorch's `CosineAnnealingWarmRestarts`.
///
/// A restart comes at its exact step, as in PyTorch. Keras computes the step with an `f32` logarithm, which may round it to
/// the next one.
///
/// ```
/// use baregrad::schedules::{CosineDecayRestarts, Schedule};
/// // Keras' defaults: each period is twice as long as the one before.
/// let schedule = CosineDecayRestarts::new(0.5, 10);
/// assert_eq!([0, 10, 30].map(|step| schedule.rate(step)), [0.5; 3]);
/// assert!((schedule.rate(5) - 0.25).abs() < 1e-7 && (schedule.rate(20) - 0.25).abs() < 1e-7);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CosineDecayRestarts {
    /// The first rate.
    pub initial: f32,
    /// Number of steps of the first period.
    pub first_decay_steps: u32,
    /// Each period is this many times as long as the one before: Keras' `t_mul`, at least 1.
    pub longer: f32,
    /// Each period starts this many times as high as the one before: Keras' `m_mul`.
    pub higher: f32,
    /// The lowest rate as a share of the first.
    pub alpha: f32,
}

crate::tensor::zeros!(CosineDecayRestarts { initial, first_decay_steps, longer, higher, alpha });

impl CosineDecayRestarts {
    /// Periods that double in length, all with the same first and last rates.
    pub const fn new(initial: f32, first_decay_steps: u32) -> Self {
        CosineDecayRestarts { initial, first_decay_steps, longer: 2.0, higher: 1.0, alpha: 0.0 }
    }
}

impl Schedule for CosineDecayRestarts {
    const NAME: &'static str = "cosine_decay_restarts";

    fn rate(&self, step: u32) -> f32 {
        let first = self.first_decay_steps.max(1);
        // With f32, a period would be lost in the rounding of a large step.
        let (mut rest, mut period, mut height) = (f64::from(step), f64::from(first), 1.0);
        if self.longer > 1.0 {
            while rest >= period {
                rest -= period;
                period *= f64::from(self.longer);
                height *= self.higher;
            }
        } else {
            rest = f64::from(step % first);
            height = libm::powf(self.higher, (step / first) as f32);
        }
        let low = self.initial * self.alpha;
        cosine((self.initial - low) * height + low, low, (rest / period) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Periods of 10 steps that hardly grow: where in its period a step is, shows in the rate.
    #[test]
    fn steps_near_the_last_one() {
        let schedule = CosineDecayRestarts { longer: 1.000_000_1, ..CosineDecayRestarts::new(1.0, 1 << 20) };
        // The sum of n periods p qⁱ is p (qⁿ − 1) / (q − 1).
        let (p, q) = (f64::from(1 << 20), f64::from(1.000_000_1_f32));
        for step in [1 << 24, (1 << 31) + 12_345, u32::MAX - 1, u32::MAX] {
            let n = libm::floor(libm::log1p(f64::from(step) * (q - 1.0) / p) / libm::log(q));
            let begin = p * libm::expm1(n * libm::log(q)) / (q - 1.0);
            let fraction = (f64::from(step) - begin) / (p * libm::pow(q, n));
            let want = 0.5 + 0.5 * libm::cos(core::f64::consts::PI * fraction);
            assert!((f64::from(schedule.rate(step)) - want).abs() < 1e-5, "step {step}: {want}");
        }
    }
}
