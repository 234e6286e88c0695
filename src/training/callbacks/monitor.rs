use crate::error::Error;
use crate::training::Epoch;

/// Which figure of an epoch a callback looks at: Keras' `monitor` and `mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Monitor {
    /// The training loss, which should fall.
    Loss,
    /// The validation loss, which should fall.
    ValLoss,
    /// The validation metric.
    ValMetric(Mode),
}

/// Whether a figure should fall or rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Mode {
    /// The lower the better.
    Min,
    /// The higher the better.
    Max,
}

impl Monitor {
    /// The figure of an epoch.
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

    /// Whether `value` is better than `best` by more than `min_delta`. Anything is better than none, but for NaN.
    pub fn improves(self, value: f32, best: Option<f32>, min_delta: f32) -> bool {
        match (self, best) {
            (_, None) => !value.is_nan(),
            (Monitor::ValMetric(Mode::Max), Some(best)) => value - min_delta > best,
            (_, Some(best)) => value + min_delta < best,
        }
    }
}
