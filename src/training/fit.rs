//! Epochs over a data set.

use super::callback::{Callback, LambdaCallback};
use super::epoch::{Epoch, Figures, Values};
use super::gradients::Gradients;
use super::trainer::{Output, Trainer};
use crate::data::{Data, Permutation, Sample};
use crate::error::Error;
use crate::kernels::compensated::Total;
use crate::losses::Loss;
use crate::metrics::Metric;
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

impl<N: Network, L, O: Optimizer, const BATCH: usize, G: Gradients> Trainer<N, L, O, BATCH, G> {
    /// Trains on a data set. Returns the last epoch.
    ///
    /// # Errors
    /// As [`Trainer::step`]. A loss that is not finite ends the training, with the weights from before that step. There are 0
    /// epochs.
    pub fn fit<S: Sample<N::Input>, T>(&mut self, x: &[S], targets: &[T], fit: &Fit) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.fit_callbacks(Data::new(x, targets), fit, ())
    }

    /// Does what [`Trainer::fit`] does, with a callback at the end of each epoch, which may end the training.
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn fit_with<S: Sample<N::Input>, T>(
        &mut self,
        x: &[S],
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
    pub fn fit_callbacks<S: Sample<N::Input>, T>(
        &mut self,
        data: Data<'_, S, T>,
        fit: &Fit,
        callbacks: impl Callback<Self>,
    ) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.fit_metrics(data, fit, (), |()| [], callbacks)
    }

    /// Does what [`Trainer::fit_callbacks`] does, and computes a metric of the training data: Keras' `metrics=`. Several
    /// metrics are a tuple.
    ///
    /// The metric sees each sample before the step that the sample takes part in, and is reset before each epoch. `values`
    /// reads its value, or an array of up to four values, into [`Epoch::metrics`].
    ///
    /// # Errors
    /// As [`Trainer::fit_callbacks`].
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// let (x, y) = ([[0.0, 1.0], [1.0, 0.0], [0.2, 0.9], [0.9, 0.2]], [0_u8, 1, 0, 1]);
    /// type Model = Trainer<Dense<2, 2>, SparseCategoricalCrossEntropy<Logits>, Adam>;
    /// let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
    /// model.optimizer.learning_rate = 0.1;
    /// let fit = Fit { epochs: 50, ..Fit::default() };
    /// let metrics = (CategoricalAccuracy::new(), MeanLoss::new(SparseCategoricalCrossEntropy::<Logits>::new()));
    /// let values = |(accuracy, entropy): &(CategoricalAccuracy, MeanLoss<_>)| [accuracy.value(), entropy.value()];
    /// let last = model.fit_metrics(Data::new(&x, &y), &fit, metrics, values, ())?;
    /// assert_eq!((last.metrics[0], last.metrics[2]), (Some(1.0), None));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fit_metrics<S: Sample<N::Input>, T, M: Metric<Output<N>, T>, V: Values>(
        &mut self,
        data: Data<'_, S, T>,
        fit: &Fit,
        mut metric: M,
        values: impl Fn(&M) -> V,
        callbacks: impl Callback<Self>,
    ) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check(&data, fit.batch_size)?;
        self.epochs(fit, callbacks, |model, figures| {
            metric.reset();
            let loss = model.epoch(&data, fit, &mut metric);
            *figures = values(&metric).figures();
            loss
        })
    }

    /// Runs epochs, and calls the callbacks in between. `run` makes one epoch, sets its metrics, and returns its mean loss.
    #[inline(always)]
    pub(super) fn epochs(
        &mut self,
        fit: &Fit,
        mut callbacks: impl Callback<Self>,
        mut run: impl FnMut(&mut Self, &mut Figures) -> Result<f32, Error>,
    ) -> Result<Epoch, Error> {
        let mut last = Err(Error::NoEpochs);
        callbacks.on_train_begin(self);
        for number in 0..fit.epochs {
            callbacks.on_epoch_begin(self, number);
            let mut metrics = Figures::default();
            last = run(self, &mut metrics).map(|loss| Epoch { number, loss, metrics, ..Epoch::default() });
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
    fn epoch<S: Sample<N::Input>, T>(
        &mut self,
        data: &Data<'_, S, T>,
        fit: &Fit,
        metric: &mut impl Metric<Output<N>, T>,
    ) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        let order = fit.shuffle.then(|| Permutation::new(data.len(), &mut self.rng));
        self.steps(data, fit.batch_size, order.as_ref(), metric).map_err(|(error, start)| {
            error.in_data(|i| data.place(order.as_ref().map_or(start + i, |order| order.at(start + i))))
        })
    }

    /// Makes the steps of an epoch. An error comes with the number of samples before its batch.
    fn steps<S: Sample<N::Input>, T>(
        &mut self,
        data: &Data<'_, S, T>,
        batch_size: usize,
        order: Option<&Permutation>,
        metric: &mut impl Metric<Output<N>, T>,
    ) -> Result<f32, (Error, usize)>
    where
        L: Loss<Output<N>, T>,
    {
        let place = |i| order.map_or(i, |order| order.at(i));
        let given = if order.is_none() { data.inputs(0, data.len()) } else { None };
        let mut total = Total::ZERO;
        let mut start = 0;
        while start < data.len() {
            let count = batch_size.min(data.len() - start);
            let part = start..start + count;
            let given = given.and_then(|(x, targets)| Some((x.get(part.clone())?, targets.get(part)?)));
            if given.is_none() {
                data.read(|i| place(start + i), front_mut(&mut self.x, count));
            }
            let target = |i| match given {
                Some((_, targets)) => targets.get(i),
                None => data.target(place(start + i)),
            };
            match self.step_on(given.map(|(x, _)| x), count, target, metric) {
                Ok(loss) => total.add(loss * count as f32),
                Err(error) => return Err((error, start)),
            }
            start += count;
        }
        Ok(total.value() / data.len() as f32)
    }
}
