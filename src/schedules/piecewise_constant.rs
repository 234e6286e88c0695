use super::Schedule;

/// One rate up to each boundary, then the last rate for ever, as in Keras' `PiecewiseConstantDecay`.
///
/// A boundary is the last step of its rate, as in Keras. In PyTorch's `MultiStepLR` it is the first step of the next rate.
/// The boundaries must be in rising order.
///
/// ```
/// use baregrad::schedules::{PiecewiseConstant, Schedule};
/// // PiecewiseConstantDecay(boundaries=[100, 200], values=[0.1, 0.05, 0.01])
/// let schedule = PiecewiseConstant { until: [(100, 0.1), (200, 0.05)], last: 0.01 };
/// assert_eq!([0, 100, 101, 200, 201].map(|step| schedule.rate(step)), [0.1, 0.1, 0.05, 0.05, 0.01]);
/// ```
#[derive(Clone, Debug)]
pub struct PiecewiseConstant<const N: usize> {
    /// The boundaries, each with the rate up to it.
    pub until: [(u32, f32); N],
    /// The rate after all boundaries.
    pub last: f32,
}

crate::tensor::zeros!(impl [const N: usize] PiecewiseConstant<N> { until, last });

impl<const N: usize> Schedule for PiecewiseConstant<N> {
    const NAME: &'static str = "piecewise_constant";

    fn rate(&self, step: u32) -> f32 {
        self.until.iter().find(|(boundary, _)| step <= *boundary).map_or(self.last, |(_, rate)| *rate)
    }
}
