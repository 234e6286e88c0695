//! Epochs over a data set.

use super::callback::{Callback, LambdaCallback};
use super::gradients::Gradients;
use super::trainer::{Output, Trainer};
use crate::data::Data;
use crate::data::Permutation;
use crate::error::Error;
use crate::kernels::compensated::Total;
use crate::losses::Loss;
use crate::net::Network;
use crate::tensor::Optimizer;
use crate::tensor::front_mut;
use core::ops::ControlFlow;

/// The arguments of Keras' `fit`, with Keras' defaults.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fit {
    /// Number of times to go through the data, at least 1.
    pub epochs: usize,
    /// Number of samples per step, at most the trainer's capacity. The last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// Whether each epoch goes through the data in a new random order.
    pub shuffle: bool,
}

impl Default for Fit {
    fn default() -> Self {
        Fit { epochs: 1, batch_size: 32, shuffle: true }
    }
}

/// The results of an epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Epoch {
    /// Its number, counted from 0.
    pub number: usize,
    /// The mean loss of its samples, each computed before its step.
    pub loss: f32,
    /// The loss on the validation data after the epoch, from [`Validation`](crate::training::callbacks::Validation).
    pub val_loss: Option<f32>,
    /// The metric on the validation data after the epoch.
    pub val_metric: Option<f32>,
}

impl<N: Network, L, O: Optimizer, const BATCH: usize, G: Gradients> Trainer<N, L, O, BATCH, G> {
    /// Trains on a data set. Returns the last epoch.
    ///
    /// # Errors
    /// As [`Trainer::step`]. A loss that is not finite ends the training, with the weights from before that step. There are 0
    /// epochs.
    pub fn fit<T>(&mut self, x: &[N::Input], targets: &[T], fit: &Fit) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.fit_callbacks(Data::new(x, targets), fit, ())
    }

    /// Does what [`Trainer::fit`] does, with a callback at the end of each epoch, which may end the training.
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn fit_with<T>(
        &mut self,
        x: &[N::Input],
        targets: &[T],
        fit: &Fit,
        callback: impl FnMut(&mut Self, &Epoch) -> ControlFlow<()>,
    ) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.fit_callbacks(Data::new(x, targets), fit, LambdaCallback(callback))
    }

    /// Does what [`Trainer::fit`] does, on a data set or a part of one, with a tuple of [callbacks](crate::callbacks).
    ///
    /// # Errors
    /// As [`Trainer::fit`], and the errors of the callbacks.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// let x: Vec<[f32; 1]> = (0..50).map(|i| [i as f32 / 50.0]).collect();
    /// let y: Vec<[f32; 1]> = x.iter().map(|x| [2.0 * x[0] - 1.0]).collect();
    ///
    /// let mut model = Trainer::<Dense<1, 1>, MeanSquaredError, Adam>::new(&mut Sfc32::seed_from_u64(1));
    /// model.optimizer.learning_rate = 0.1;
    /// let (train, validation) = Data::new(&x, &y).split(0.2);
    /// let fit = Fit { epochs: 500, ..Fit::default() };
    /// let mut stop = EarlyStopping::new(5).min_delta(1e-4);
    /// let last = model.fit_callbacks(train, &fit, (Validation::new(validation), &mut stop))?;
    /// assert!(last.val_loss < Some(0.01) && stop.stopped_epoch() < Some(499));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fit_callbacks<T>(
        &mut self,
        data: Data<'_, N::Input, T>,
        fit: &Fit,
        callbacks: impl Callback<Self>,
    ) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check(&data, fit.batch_size)?;
        self.epochs(fit, callbacks, |model| model.epoch(&data, fit))
    }

    /// Runs epochs, and calls the callbacks in between. `run` makes one epoch and returns its mean loss.
    #[inline(always)]
    pub(super) fn epochs(
        &mut self,
        fit: &Fit,
        mut callbacks: impl Callback<Self>,
        mut run: impl FnMut(&mut Self) -> Result<f32, Error>,
    ) -> Result<Epoch, Error> {
        let mut last = Err(Error::NoEpochs);
        callbacks.on_train_begin(self);
        for number in 0..fit.epochs {
            callbacks.on_epoch_begin(self, number);
            last = run(self).map(|loss| Epoch { number, loss, val_loss: None, val_metric: None });
            let Ok(epoch) = &mut last else { break };
            match callbacks.on_epoch_end(self, epoch) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => break,
                Err(error) => {
                    last = Err(error);
                    break;
                }
            }
        }
        callbacks.on_train_end(self);
        last
    }

    /// Goes through the data once. Returns the mean loss.
    fn epoch<T>(&mut self, data: &Data<'_, N::Input, T>, fit: &Fit) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        let order = fit.shuffle.then(|| Permutation::new(data.len(), &mut self.rng));
        let place = |i| order.as_ref().map_or(i, |order| order.at(i));
        let given = if order.is_none() { data.slice(0, data.len()) } else { None };
        let mut total = Total::ZERO;
        let mut start = 0;
        while start < data.len() {
            let count = fit.batch_size.min(data.len() - start);
            let part = start..start + count;
            let given = given.and_then(|(x, targets)| Some((x.get(part.clone())?, targets.get(part)?)));
            if given.is_none() {
                for (i, slot) in front_mut(&mut self.x, count).iter_mut().enumerate() {
                    if let Some(x) = data.sample(place(start + i)) {
                        *slot = *x;
                    }
                }
            }
            let target = |i| match given {
                Some((_, targets)) => targets.get(i),
                None => data.target(place(start + i)),
            };
            total.add(self.step_on(given.map(|(x, _)| x), count, target)? * count as f32);
            start += count;
        }
        Ok(total.value() / data.len() as f32)
    }
}
