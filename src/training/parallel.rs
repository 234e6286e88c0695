//! Training on threads. Any number of threads gives the same bits.

use super::callback::Callback;
use super::fit::{Epoch, Fit};
use super::gradients::{self, Buffered};
use super::trainer::{Output, Trainer};
use super::workspace::Workspace;
use crate::data::{Data, Permutation};
use crate::error::Error;
use crate::kernels::elementwise;
use crate::losses::Loss;
use crate::net::{Collector, IntoMemory, Mode, Network, NotFinite};
use crate::tensor::Optimizer;
use crate::tensor::{Floats, Sfc32, Zero, front_mut};
use rand_core::SeedableRng;
use rayon::prelude::*;
use std::boxed::Box;
use std::vec::Vec;

/// The memory for the pass of one shard of a batch.
pub struct Shard<N: Network, const BATCH: usize> {
    x: [N::Input; BATCH],
    workspace: Workspace<N, BATCH>,
    grad: N::Grad,
    /// The gradient as one slice.
    flat: Vec<f32>,
    loss: f32,
    result: Result<(), NotFinite>,
    rng: Sfc32,
}

impl<N: Network, L, O: Optimizer, const BATCH: usize> Trainer<N, L, O, BATCH, Buffered> {
    /// Does what [`Trainer::fit_callbacks`] does, on the threads of rayon's pool. Batches may be larger than `BATCH`: they
    /// are cut into shards of `BATCH` samples, which the threads share. Needs the feature `rayon`.
    ///
    /// The result has the same bits for any number of threads. The gradients of the shards are added in pairs, then the sums
    /// in pairs, and so on, in an order that depends only on the number of shards. `fit` adds in another order, sample by
    /// sample. The two agree bit for bit if each batch is one shard and no layer draws random numbers. Each shard has its
    /// own random numbers, drawn from the trainer's, and a batch normalisation uses the statistics of each shard.
    ///
    /// Each shard has its own gradient and activations on the heap. Threads are worth it if a shard takes at least tens of
    /// microseconds.
    ///
    /// # Errors
    /// As [`Trainer::fit_callbacks`].
    ///
    /// ```
    /// use baregrad::{Buffered, prelude::*};
    /// let x: Vec<[f32; 2]> = (0..1000).map(|i| [i as f32 / 1000.0, 1.0]).collect();
    /// let y: Vec<[f32; 1]> = x.iter().map(|x| [3.0 * x[0] - 1.0]).collect();
    /// type Model = Trainer<Dense<2, 1>, MeanSquaredError, Adam, 32, Buffered>;
    /// let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
    /// // Four shards of 32 samples a step.
    /// model.fit_parallel(Data::new(&x, &y), &Fit { epochs: 5, batch_size: 128, ..Fit::default() }, ())?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fit_parallel<T: Sync>(
        &mut self,
        data: Data<'_, N::Input, T>,
        fit: &Fit,
        callbacks: impl Callback<Self>,
    ) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T> + Sync,
        N: Sync,
        N::Input: Sync,
        Shard<N, BATCH>: Send,
    {
        self.check(&data, fit.batch_size.min(BATCH))?;
        let shards = fit.batch_size.min(data.len()).div_ceil(BATCH);
        let mut shards: Vec<_> = (0..shards).map(|_| Shard::new()).collect();
        self.epochs(fit, callbacks, |model| model.epoch_on_threads(&data, fit, &mut shards))
    }

    fn epoch_on_threads<T: Sync>(
        &mut self,
        data: &Data<'_, N::Input, T>,
        fit: &Fit,
        shards: &mut [Box<Shard<N, BATCH>>],
    ) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T> + Sync,
        N: Sync,
        N::Input: Sync,
        Shard<N, BATCH>: Send,
    {
        let order = fit.shuffle.then(|| Permutation::new(data.len(), &mut self.rng));
        let place = |i| order.as_ref().map_or(i, |order| order.at(i));
        let mut total = 0.0;
        let mut start = 0;
        while start < data.len() {
            let count = fit.batch_size.min(data.len() - start);
            let shards = front_mut(shards, count.div_ceil(BATCH));
            shards.iter_mut().for_each(|shard| shard.rng = Sfc32::from_rng(&mut self.rng));
            let (net, loss, limit) = (&self.net, &self.loss, gradients::limit_of_each(shards.len()));
            shards.par_iter_mut().enumerate().for_each(|(i, shard)| {
                let first = i * BATCH;
                let places = (start + first..start + count.min(first + BATCH)).map(place);
                shard.run(net, loss, data, places, 1.0 / count as f32, limit);
            });
            let loss = shards.iter().map(|shard| shard.loss).sum::<f32>() / count as f32 + self.net.penalty();
            if !loss.is_finite() {
                return Err(Error::NonFiniteLoss { loss });
            }
            shards.iter().try_for_each(|shard| shard.result)?;
            add_in_pairs(shards);
            if let Some(sum) = shards.first() {
                let mut values = sum.flat.iter();
                self.grad.walk_mut(&mut |slice| slice.iter_mut().zip(&mut values).for_each(|(g, value)| *g = *value));
            }
            gradients::apply(&mut self.net, &mut self.grad, &mut self.state, &mut self.optimizer);
            for shard in shards {
                self.net.settle(&shard.workspace.open().statistics());
            }
            total += loss * count as f32;
            start += count;
        }
        Ok(total / data.len() as f32)
    }
}

impl<N: Network, const BATCH: usize> Shard<N, BATCH> {
    fn new() -> Box<Self> {
        Box::new(Shard {
            x: Zero::ZERO,
            workspace: Zero::ZERO,
            grad: Zero::ZERO,
            flat: Vec::with_capacity(N::Grad::FLOATS),
            loss: 0.0,
            result: Ok(()),
            rng: Sfc32::NEW,
        })
    }

    /// Computes the loss and the gradient of the samples at some places.
    fn run<L: Loss<Output<N>, T>, T>(
        &mut self,
        net: &N,
        loss: &L,
        data: &Data<'_, N::Input, T>,
        places: impl ExactSizeIterator<Item = usize> + Clone,
        share: f32,
        limit: f32,
    ) {
        let x = front_mut(&mut self.x, places.len());
        for (slot, place) in x.iter_mut().zip(places.clone()) {
            if let Some(x) = data.sample(place) {
                *slot = *x;
            }
        }
        let target = |i| places.clone().nth(i).and_then(|place| data.target(place));
        let mut workspace = self.workspace.open();
        self.loss = workspace.forward(net, loss, x, share, target, Mode::train(&mut self.rng));
        self.grad = Zero::ZERO;
        self.result = workspace.back::<IntoMemory>(Collector { net, grad: &mut self.grad, limit }, x);
        self.flat.clear();
        self.grad.walk(&mut |slice| self.flat.extend(slice));
    }
}

/// Leaves the sum of all gradients in the first shard. It adds neighbours, then the sums of neighbours, and so on.
fn add_in_pairs<N: Network, const BATCH: usize>(shards: &mut [Box<Shard<N, BATCH>>])
where
    Shard<N, BATCH>: Send,
{
    let mut distance = 1;
    while distance < shards.len() {
        shards.par_chunks_mut(2 * distance).for_each(|pair| {
            if let Some((left, right)) = pair.split_at_mut_checked(distance)
                && let (Some(left), Some(right)) = (left.first_mut(), right.first())
            {
                elementwise::add(&right.flat, &mut left.flat);
            }
        });
        distance *= 2;
    }
}
