//! Training on threads. Any number of threads gives the same bits.

use super::boxed::on_large_stack;
use super::callback::Callback;
use super::epoch::Epoch;
use super::fit::Fit;
use super::gradients::{self, Buffered};
use super::trainer::{Output, Trainer};
use super::workspace::Workspace;
use crate::data::{Data, Permutation, Sample};
use crate::error::{Error, NonFinite};
use crate::kernels::compensated::Total;
use crate::kernels::elementwise;
use crate::losses::Loss;
use crate::net::{Collector, IntoMemory, Mode, Network, NotFinite};
use crate::tensor::Optimizer;
use crate::tensor::{Floats, Sfc32, Zero, front, front_mut};
use core::ops::Range;
use rand_core::SeedableRng;
use rayon::prelude::*;
use std::boxed::Box;
use std::vec::Vec;

/// The largest number of shards of a batch. It is a constant, so that the order of the sums does not depend on the number of
/// threads.
const SHARDS: usize = 16;

/// The number of parameters whose gradients a thread adds up at a time.
const PART: usize = 2048;

/// A part of a batch, and the memory for it.
pub struct Shard<N: Network, const BATCH: usize> {
    x: [N::Input; BATCH],
    workspace: Workspace<N, BATCH>,
    grad: N::Grad,
    loss: f32,
    result: Result<(), NotFinite>,
    /// The first sample with a number that is not finite.
    bad: Option<usize>,
    rng: Sfc32,
}

impl<N: Network, const BATCH: usize> Zero for Shard<N, BATCH> {
    const ZERO: Self = Shard {
        x: Zero::ZERO,
        workspace: Zero::ZERO,
        grad: Zero::ZERO,
        loss: 0.0,
        result: Ok(()),
        bad: None,
        rng: Sfc32::NEW,
    };
}

impl<N: Network, L, O: Optimizer, const BATCH: usize> Trainer<N, L, O, BATCH, Buffered> {
    /// Does what [`Trainer::fit_callbacks`] does, on the threads of rayon's pool. Batches may be larger than `BATCH`: they
    /// are cut into runs of `BATCH` samples. At most 16 shards, each of which is a series of runs, share the batch. A thread
    /// takes a shard at a time. Needs the feature `rayon`.
    ///
    /// The result has the same bits for any number of threads. Each shard adds up the gradients of its runs, and then the
    /// gradients of the shards are added in their order. `fit` adds in another order, sample by sample. The two agree bit for
    /// bit if each batch is one run and no layer draws random numbers. Each shard has its own random numbers, drawn from the
    /// trainer's. A batch normalisation uses the statistics of each run. After a step, its moving statistics follow those of
    /// the last run of each shard, in the order of the shards.
    ///
    /// Each shard has a gradient, and activations of `BATCH` samples, on the heap. So the memory does not grow with the
    /// batch. Each shard costs a pass over its gradient, and more than 16 threads have nothing to do: large nets are fastest
    /// if each of 16 shards has several runs.
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
    /// // Each step has four runs of 32 samples.
    /// model.fit_parallel(Data::new(&x, &y), &Fit { epochs: 5, batch_size: 128, ..Fit::default() }, ())?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fit_parallel<S: Sample<N::Input> + Sync, T: Sync>(
        &mut self,
        data: Data<'_, S, T>,
        fit: &Fit,
        callbacks: impl Callback<Self>,
    ) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T> + Sync,
        N: Sync,
        Shard<N, BATCH>: Send + Sync,
        Self: Send,
    {
        self.check(&data, fit.batch_size.min(BATCH))?;
        let shards = fit.batch_size.min(data.len()).div_ceil(BATCH).min(SHARDS);
        let make = || (0..shards).map(|_| Box::new(Shard::ZERO)).collect::<Vec<_>>();
        let mut shards = on_large_stack(size_of::<Shard<N, BATCH>>(), make);
        // A whole epoch runs on a thread of the pool: otherwise each step would hand its work over to the pool, and wait.
        self.epochs(fit, callbacks, |model, _| rayon::scope(|_| model.epoch_on_threads(&data, fit, &mut shards)))
    }

    fn epoch_on_threads<S: Sample<N::Input> + Sync, T: Sync>(
        &mut self,
        data: &Data<'_, S, T>,
        fit: &Fit,
        shards: &mut [Box<Shard<N, BATCH>>],
    ) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T> + Sync,
        N: Sync,
        Shard<N, BATCH>: Send + Sync,
    {
        let order = fit.shuffle.then(|| Permutation::new(data.len(), &mut self.rng));
        let mut total = Total::ZERO;
        let mut start = 0;
        while start < data.len() {
            let count = fit.batch_size.min(data.len() - start);
            let runs = count.div_ceil(BATCH);
            let shards = front_mut(shards, runs.min(SHARDS));
            // A step that fails draws no random numbers.
            let drawn = self.rng.clone();
            shards.iter_mut().for_each(|shard| shard.rng = Sfc32::from_rng(&mut self.rng));
            let (net, loss, order, all) = (&self.net, &self.loss, order.as_ref(), shards.len());
            let (share, limit) = (1.0 / count as f32, gradients::limit_of_each(runs));
            shards.par_iter_mut().enumerate().for_each(|(i, shard)| {
                let [first, end] = [i, i + 1].map(|i| start + count.min(i * runs / all * BATCH));
                shard.run(net, loss, data, order, first..end, share, limit);
            });
            let loss = shards.iter().map(|shard| shard.loss).sum::<f32>() / count as f32 + self.net.penalty();
            if !loss.is_finite() {
                self.rng = drawn;
                let sample = shards.iter().find_map(|shard| shard.bad);
                return Err(Error::NonFiniteLoss { loss: NonFinite::of(loss), sample });
            }
            if let Err(error) = shards.iter().try_for_each(|shard| shard.result) {
                self.rng = drawn;
                return Err(error.into());
            }
            add_up(shards, &mut self.grad);
            gradients::apply(&mut self.net, &mut self.grad, &mut self.state, &mut self.optimizer);
            for shard in shards {
                self.net.settle(&shard.workspace.open().statistics());
            }
            total.add(loss * count as f32);
            start += count;
        }
        Ok(total.value() / data.len() as f32)
    }
}

impl<N: Network, const BATCH: usize> Shard<N, BATCH> {
    /// Computes the loss and the gradient of the samples at some places, in runs of at most `BATCH` samples.
    fn run<S: Sample<N::Input>, L: Loss<Output<N>, T>, T>(
        &mut self,
        net: &N,
        loss: &L,
        data: &Data<'_, S, T>,
        order: Option<&Permutation>,
        places: Range<usize>,
        share: f32,
        limit: f32,
    ) {
        let place = |i| order.map_or(i, |order| order.at(i));
        (self.loss, self.result, self.bad) = (0.0, Ok(()), None);
        self.grad = Zero::ZERO;
        for start in places.clone().step_by(BATCH.max(1)) {
            let count = BATCH.min(places.end - start);
            let given = if order.is_none() { data.inputs(start, count) } else { None };
            let x = given.map(|(x, _)| x).unwrap_or_else(|| {
                data.read(|i| place(start + i), front_mut(&mut self.x, count));
                front(&self.x, count)
            });
            let mut workspace = self.workspace.open();
            let target = |i| data.target(place(start + i));
            let run = workspace.forward(net, loss, x, share, target, Mode::train(&mut self.rng), &mut ());
            if !run.is_finite() && self.bad.is_none() {
                self.bad = workspace.first_bad(x).map(|i| data.place(place(start + i)));
            }
            self.loss += run;
            let at = Collector { net, grad: &mut self.grad, limit };
            self.result = self.result.and(workspace.back::<IntoMemory>(at, x));
        }
    }
}

/// Sets `sum` to the sum of the gradients of all shards, added in the order of the shards. The threads share the parameters.
fn add_up<N: Network, const BATCH: usize>(shards: &[Box<Shard<N, BATCH>>], sum: &mut N::Grad)
where
    Shard<N, BATCH>: Sync,
{
    let (mut parts, mut first) = (Vec::new(), 0);
    sum.walk_mut(&mut |slice| {
        let len = slice.len();
        parts.extend(slice.chunks_mut(PART).enumerate().map(|(i, part)| (first + i * PART, part)));
        first += len;
    });
    parts.into_par_iter().for_each(|(first, part)| {
        part.fill(-0.0); // adding −0.0 changes no value
        for shard in shards {
            let mut passed = 0;
            shard.grad.walk(&mut |slice| {
                if let Some(gradient) = first.checked_sub(passed).and_then(|first| slice.get(first..)) {
                    elementwise::add(gradient, part);
                }
                passed += slice.len();
            });
        }
    });
}
