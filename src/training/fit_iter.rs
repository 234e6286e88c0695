//! Training on samples that come one after another.

use super::callback::Callback;
use super::epoch::Epoch;
use super::fit::Fit;
use super::gradients::Gradients;
use super::trainer::{Output, Trainer};
use crate::data::Sample;
use crate::error::Error;
use crate::kernels::compensated::Total;
use crate::losses::Loss;
use crate::net::Network;
use crate::tensor::{Optimizer, Tensor, front};

impl<N: Network, L, O: Optimizer, const BATCH: usize, G: Gradients> Trainer<N, L, O, BATCH, G> {
    /// Does what [`Trainer::fit_callbacks`] does, on samples from an iterator: Keras' `fit(generator)`. The data need not be
    /// in memory.
    ///
    /// Each epoch asks `samples` for its iterator, with the number of the epoch, and trains on all that it yields. The order
    /// is the order of the iterator: [`Fit::shuffle`] has no effect. The targets of a batch wait in `room`, which must have
    /// `batch_size` places.
    ///
    /// # Errors
    /// As [`Trainer::fit_callbacks`]. Samples are counted from 0 in each epoch.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// let mut model = Trainer::<Dense<1, 1>, MeanSquaredError, Adam>::new(&mut Sfc32::seed_from_u64(1));
    /// model.optimizer.learning_rate = 0.1;
    /// // y = 2x − 1 at 1000 places, other ones in each epoch.
    /// let samples = |epoch: usize| {
    ///     let mut rng = Sfc32::seed_from_u64(epoch as u64);
    ///     (0..1000).map(move |_| rng.next_u32() as f32 / 4294967296.0).map(|x| ([x], [2.0 * x - 1.0]))
    /// };
    /// let last = model.fit_iter(samples, &mut [[0.0]; 32], &Fit { epochs: 20, ..Fit::default() }, ())?;
    /// assert!(last.loss < 1e-4);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fit_iter<S: Sample<N::Input>, T, I: IntoIterator<Item = (S, T)>>(
        &mut self,
        mut samples: impl FnMut(usize) -> I,
        room: &mut [T],
        fit: &Fit,
        callbacks: impl Callback<Self>,
    ) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check_size(fit.batch_size, room.len())?;
        let mut number = 0;
        self.epochs(fit, callbacks, |model, _| {
            let loss = model.epoch_of(&mut samples(number).into_iter(), room, fit.batch_size);
            number += 1;
            loss
        })
    }

    /// Trains on all samples of an iterator. Returns the mean loss.
    fn epoch_of<S: Sample<N::Input>, T>(
        &mut self,
        samples: &mut impl Iterator<Item = (S, T)>,
        room: &mut [T],
        batch_size: usize,
    ) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        let (mut total, mut start) = (Total::ZERO, 0);
        loop {
            let mut count = 0;
            let slots = self.x.iter_mut().zip(room.iter_mut()).take(batch_size);
            for ((x, slot), (sample, target)) in slots.zip(samples.by_ref()) {
                self.loss.check(&target).map_err(|error| error.at(start + count, Output::<N>::LEN))?;
                sample.read(x);
                *slot = target;
                count += 1;
            }
            if count == 0 {
                return if start == 0 { Err(Error::Empty) } else { Ok(total.value() / start as f32) };
            }
            let loss = self.step_on(None, count, |i| front(room, count).get(i), &mut ());
            total.add(loss.map_err(|error| error.in_data(|i| start + i))? * count as f32);
            start += count;
        }
    }
}
