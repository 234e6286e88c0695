use super::{Callback, Monitor};
use crate::error::Error;
use crate::net::Network;
use crate::optimizers::Optimizer;
use crate::training::{Epoch, Gradients, Trainer};
use core::ops::ControlFlow;

/// Lowers the learning rate when the validation loss, or what else it monitors, has stopped improving: Keras'
/// `ReduceLROnPlateau`, with its rules and defaults.
///
/// PyTorch's class of that name waits one epoch longer, and asks for a relative improvement.
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
/// A program with a loop of its own asks [`update`](ReduceOnPlateau::update) after each epoch:
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
    /// What it looks at.
    pub monitor: Monitor,
    /// By what the rate is multiplied.
    pub factor: f32,
    /// How many epochs without improvement it takes.
    pub patience: u32,
    /// An improvement is larger than this.
    pub min_delta: f32,
    /// How many epochs after a reduction are not counted.
    pub cooldown: u32,
    /// The rate does not fall below this.
    pub min_rate: f32,
    /// The best value so far.
    pub best: Option<f32>,
    /// Epochs without improvement.
    pub waited: u32,
    /// Epochs that are still not counted.
    pub cooling: u32,
}

impl ReduceOnPlateau {
    /// Keras' defaults: a tenth of the rate after 10 epochs without an improvement of 1e-4.
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

    /// Takes what is monitored, after an epoch, and the rate. Gives a new rate, or none if it stays.
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

impl<N, L, O, const BATCH: usize, G> Callback<Trainer<N, L, O, BATCH, G>> for ReduceOnPlateau
where
    N: Network,
    O: Optimizer,
    G: Gradients,
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
