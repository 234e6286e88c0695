use super::{Callback, Monitor};
use crate::error::Error;
use crate::net::Network;
use crate::tensor::FreeRate;
use crate::training::{Epoch, Gradients, Trainer};
use core::ops::ControlFlow;

/// Lowers the learning rate when the validation loss, or another monitored figure, has stopped improving: Keras'
/// `ReduceLROnPlateau`, with its rules and defaults.
///
/// PyTorch's class of the same name waits one epoch longer, and requires a relative improvement.
///
/// ```
/// use baregrad::prelude::*;
/// let (x, y) = ([[0.0], [1.0], [2.0], [3.0]], [[1.0], [0.0], [1.0], [1.0]]);
/// let (train, validation) = Data::new(&x, &y).split(0.25);
/// let mut model = Trainer::<Dense<1, 1>, MeanSquaredError, Adam>::new(&mut Sfc32::seed_from_u64(1));
/// model.optimizer.learning_rate = 0.1;
/// let plateau = ReduceOnPlateau { patience: 5, factor: 0.5, min_rate: 0.01, ..ReduceOnPlateau::new() };
/// let fit = Fit { epochs: 500, ..Fit::default() };
/// model.fit_callbacks(train, &fit, (Validation::new(validation), plateau))?;
/// assert_eq!(model.optimizer.learning_rate, 0.01);
/// # Ok::<(), Error>(())
/// ```
///
/// In a training loop of your own, call [`update`](ReduceOnPlateau::update) after each epoch:
///
/// ```
/// use baregrad::prelude::*;
/// let mut plateau = ReduceOnPlateau { patience: 2, ..ReduceOnPlateau::new() };
/// let mut optimizer = Adam::new(0.5);
/// for loss in [3.0, 2.0, 2.0, 2.0] {
///     if let Some(rate) = plateau.update(loss, optimizer.learning_rate()) {
///         optimizer.set_learning_rate(rate);
///     }
/// }
/// assert_eq!(optimizer.learning_rate(), 0.05);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReduceOnPlateau {
    /// The monitored figure.
    pub monitor: Monitor,
    /// The learning rate is multiplied by this factor.
    pub factor: f32,
    /// Number of epochs without improvement after which the rate is lowered.
    pub patience: u32,
    /// Only a change larger than this is an improvement.
    pub min_delta: f32,
    /// Number of epochs that are not counted after the rate was lowered.
    pub cooldown: u32,
    /// The rate is never set below this.
    pub min_rate: f32,
    /// The best value so far.
    pub best: Option<f32>,
    /// Number of epochs without improvement so far.
    pub waited: u32,
    /// Number of epochs that will still not be counted.
    pub cooling: u32,
}

impl ReduceOnPlateau {
    /// Keras' defaults: divides the rate by 10 after 10 epochs without an improvement of 1e-4.
    pub const fn new() -> Self {
        ReduceOnPlateau {
            monitor: Monitor::ValLoss,
            factor: 0.1,
            patience: 10,
            min_delta: 1e-4,
            cooldown: 0,
            min_rate: 0.0,
            best: None,
            waited: 0,
            cooling: 0,
        }
    }

    /// Takes the monitored figure of an epoch and the current rate. Returns the new rate, or `None` if it stays the same.
    pub fn update(&mut self, value: f32, rate: f32) -> Option<f32> {
        if self.cooling > 0 {
            self.cooling -= 1;
            self.waited = 0;
        }
        if self.monitor.improves(value, self.best, self.min_delta) {
            self.best = Some(value);
            self.waited = 0;
        } else if self.cooling == 0 {
            self.waited += 1;
            if self.waited >= self.patience && rate > self.min_rate {
                self.cooling = self.cooldown;
                self.waited = 0;
                return Some((rate * self.factor).max(self.min_rate));
            }
        }
        None
    }
}

impl Default for ReduceOnPlateau {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: Network, L, O: FreeRate, const BATCH: usize, G: Gradients> Callback<Trainer<N, L, O, BATCH, G>>
    for ReduceOnPlateau
{
    fn on_train_begin(&mut self, _: &mut Trainer<N, L, O, BATCH, G>) {
        (self.best, self.waited, self.cooling) = (None, 0, 0);
    }

    fn on_epoch_end(
        &mut self,
        model: &mut Trainer<N, L, O, BATCH, G>,
        epoch: &mut Epoch,
    ) -> Result<ControlFlow<()>, Error> {
        let value = self.monitor.value(epoch)?;
        if let Some(rate) = self.update(value, model.optimizer.learning_rate()) {
            model.optimizer.set_learning_rate(rate);
        }
        Ok(ControlFlow::Continue(()))
    }
}
