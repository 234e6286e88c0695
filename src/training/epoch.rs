//! The results of an epoch.

/// The results of an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Epoch {
    /// Its number, counted from 0.
    pub number: usize,
    /// The mean loss of its samples, each computed before its step.
    pub loss: f32,
    /// The metrics of its samples, each computed before its step, from
    /// [`Trainer::fit_metrics`](crate::Trainer::fit_metrics).
    pub metrics: Figures,
    /// The loss on the validation data after the epoch, from [`Validation`](crate::training::callbacks::Validation).
    pub val_loss: Option<f32>,
    /// The metrics on the validation data after the epoch.
    pub val_metrics: Figures,
}

/// The most metrics that an epoch has room for.
pub const METRICS: usize = 4;

/// The values of metrics, in the order in which they were asked for.
pub type Figures = [Option<f32>; METRICS];

/// The value of one metric, or an array of at most [`METRICS`] values.
pub trait Values {
    /// Returns the values as figures of an epoch.
    fn figures(self) -> Figures;
}

impl Values for f32 {
    fn figures(self) -> Figures {
        [self].figures()
    }
}

impl<const K: usize> Values for [f32; K] {
    fn figures(self) -> Figures {
        const { assert!(K <= METRICS, "an epoch does not have room for so many metrics") };
        core::array::from_fn(|i| self.get(i).copied())
    }
}
