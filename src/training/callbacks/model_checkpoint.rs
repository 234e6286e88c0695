use super::{Callback, Monitor};
use crate::error::Error;
use crate::training::Epoch;
use core::ops::ControlFlow;

/// Calls a function to save the model after each epoch that is better than all earlier ones: Keras'
/// `ModelCheckpoint(save_best_only=True)`. If it is used in a second training, the best figure of the first one still counts,
/// as in Keras.
///
/// ```
/// use baregrad::prelude::*;
/// type Model = Trainer<Dense<1, 1>, MeanSquaredError, Adam>;
/// let mut saved = [0.0];
/// let checkpoint = ModelCheckpoint::new(Monitor::Loss, |model: &mut Model, _: &Epoch| saved = model.net.w[0]);
/// let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
/// let fit = Fit { epochs: 20, ..Fit::default() };
/// model.fit_callbacks(Data::new(&[[1.0], [2.0]], &[[2.0], [4.0]]), &fit, checkpoint)?;
/// assert_eq!(saved, model.net.w[0]);
/// # Ok::<(), Error>(())
/// ```
pub struct ModelCheckpoint<F> {
    monitor: Monitor,
    best: Option<f32>,
    save: F,
}

impl<F> ModelCheckpoint<F> {
    /// Calls `save` with the model and the epoch.
    pub const fn new(monitor: Monitor, save: F) -> Self {
        ModelCheckpoint { monitor, best: None, save }
    }

    /// Saves only if the figure is better than `value`, for example the best of an earlier training: Keras'
    /// `initial_value_threshold`.
    pub fn better_than(mut self, value: f32) -> Self {
        self.best = Some(value);
        self
    }
}

impl<M, F: FnMut(&mut M, &Epoch)> Callback<M> for ModelCheckpoint<F> {
    fn on_epoch_end(&mut self, model: &mut M, epoch: &mut Epoch) -> Result<ControlFlow<()>, Error> {
        let value = self.monitor.value(epoch)?;
        if self.monitor.improves(value, self.best, 0.0) {
            self.best = Some(value);
            (self.save)(model, epoch);
        }
        Ok(ControlFlow::Continue(()))
    }
}
