use super::{Schedule, cosine};

/// Half a cosine wave up from `max / 25` to `max`, then another one down to nearly 0 (Smith & Topin 2019), as in PyTorch's
/// `OneCycleLR` with two phases. Keras has no such schedule. The momentum does not change, as in PyTorch with
/// `cycle_momentum=False`.
///
/// ```
/// use baregrad::schedules::{OneCycle, Schedule};
/// let schedule = OneCycle::new(0.1, 100);
/// assert!((schedule.rate(0) - 0.004).abs() < 1e-9 && (schedule.rate(29) - 0.1).abs() < 1e-7 && schedule.rate(99) < 5e-7);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OneCycle {
    /// The highest rate.
    pub max: f32,
    /// Number of steps of the whole cycle. After it the last rate stays.
    pub total_steps: u32,
    /// The share of the steps in which the rate rises: PyTorch's `pct_start`.
    pub rising: f32,
    /// The highest rate divided by the first: PyTorch's `div_factor`.
    pub start_divisor: f32,
    /// The first rate divided by the last: PyTorch's `final_div_factor`.
    pub end_divisor: f32,
}

crate::tensor::zeros!(OneCycle { max, total_steps, rising, start_divisor, end_divisor });

impl OneCycle {
    /// With PyTorch's defaults: the rate rises for 30 % of the steps, the first rate is `max / 25`, and the last rate is
    /// 1/10,000 of the first.
    pub const fn new(max: f32, total_steps: u32) -> Self {
        OneCycle { max, total_steps, rising: 0.3, start_divisor: 25.0, end_divisor: 1e4 }
    }
}

impl Schedule for OneCycle {
    const NAME: &'static str = "one_cycle";

    fn rate(&self, step: u32) -> f32 {
        let (step, first) = (step as f32, self.max / self.start_divisor);
        let (top, end) = (self.rising * self.total_steps as f32 - 1.0, self.total_steps as f32 - 1.0);
        if step <= top {
            cosine(first, self.max, if top > 0.0 { step / top } else { 1.0 })
        } else {
            cosine(self.max, first / self.end_divisor, (step - top) / (end - top))
        }
    }
}
