use crate::error::Error;
use crate::training::Epoch;

/// Selects the figure of an epoch that a callback monitors: Keras' `monitor` and `mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Monitor {
    /// The training loss; lower is better.
    Loss,
    /// The validation loss; lower is better.
    ValLoss,
    /// The metric of the training data with this number, counted from 0.
    Metric(usize, Mode),
    /// The metric of the validation data with this number, counted from 0.
    ValMetric(usize, Mode),
}

/// Whether a lower or a higher figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Mode {
    /// Lower is better.
    Min,
    /// Higher is better.
    Max,
}

impl Monitor {
    /// Returns the monitored figure of an epoch.
    ///
    /// # Errors
    /// [`Error::NotMonitored`] if the epoch does not have it.
    pub fn value(self, epoch: &Epoch) -> Result<f32, Error> {
        match self {
            Monitor::Loss => Some(epoch.loss),
            Monitor::ValLoss => epoch.val_loss,
            Monitor::Metric(i, _) => epoch.metrics.get(i).copied().flatten(),
            Monitor::ValMetric(i, _) => epoch.val_metrics.get(i).copied().flatten(),
        }
        .ok_or(Error::NotMonitored)
    }

    /// Whether `value` is better than `best` by more than `min_delta`. If `best` is `None`, every value but NaN is better.
    pub fn improves(self, value: f32, best: Option<f32>, min_delta: f32) -> bool {
        match (self, best) {
            (_, None) => !value.is_nan(),
            (Monitor::Metric(_, Mode::Max) | Monitor::ValMetric(_, Mode::Max), Some(best)) => value - min_delta > best,
            (_, Some(best)) => value + min_delta < best,
        }
    }
}
