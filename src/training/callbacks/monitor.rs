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
    /// The validation metric.
    ValMetric(Mode),
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
            Monitor::ValMetric(_) => epoch.val_metric,
        }
        .ok_or(Error::NotMonitored)
    }

    /// Whether `value` is better than `best` by more than `min_delta`. If `best` is `None`, every value but NaN is better.
    pub fn improves(self, value: f32, best: Option<f32>, min_delta: f32) -> bool {
        match (self, best) {
            (_, None) => !value.is_nan(),
            (Monitor::ValMetric(Mode::Max), Some(best)) => value - min_delta > best,
            (_, Some(best)) => value + min_delta < best,
        }
    }
}
