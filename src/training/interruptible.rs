//! A training step in pieces, for firmware that must do something else in between.

use super::gradients::Buffered;
use super::trainer::{Output, Trainer};
use super::workspace::{Workspace, first_bad, loss_and_gradient};
use crate::data::Data;
use crate::error::{Error, NonFinite};
use crate::losses::Loss;
use crate::net::{Collector, IntoMemory, Mode, Network, Part, samples, samples_mut};
use crate::tensor::Optimizer;
use crate::tensor::{Flat, No, Sfc32, Tensor, Window, Zero, front_mut};
use core::task::Poll;

/// A training step that is made piece by piece, from [`Trainer::begin`]. Meanwhile the net infers with the old weights.
///
/// Wherever it is interrupted, it gives the same bits as [`Trainer::step`]. It needs no more memory than the buffered
/// gradient: the new weights replace the gradient, and the last piece copies them into the net.
///
/// If the step is dropped before its end, the trainer is as if the step had not begun. There is one exception: if the step
/// had come to the update, some moments already include the gradient. [`Trainer::init`] and [`decode`](crate::file::decode)
/// replace them.
///
/// ```
/// use baregrad::{Buffered, prelude::*};
/// type Net = chain![Dense<16, 32, Tanh>, Dense<32, 4>];
/// let mut model = Trainer::<Net, MeanSquaredError, Adam, 1, Buffered>::new(&mut Sfc32::seed_from_u64(1));
///
/// let (x, target) = ([[0.5; 16]], [[0.0, 1.0, 0.0, 0.0]]);
/// let mut step = model.begin(&x, &target)?;
/// while step.advance(500)?.is_pending() {
///     // A new reading has come in:
///     let mut y = [0.0; 4];
///     step.net().infer_one(&[0.1; 16], &mut y, &mut [0.0; Net::SCRATCH]);
/// }
/// # Ok::<(), Error>(())
/// ```
pub struct Step<'m, N: Network, L, O: Optimizer, T, const BATCH: usize> {
    model: &'m mut Trainer<N, L, O, BATCH, Buffered>,
    x: &'m [N::Input],
    targets: &'m [T],
    loss: f32,
    /// The random numbers of the step, which the trainer takes over at its end.
    rng: Sfc32,
    next: Piece,
}

/// The next piece.
#[derive(Clone, Copy)]
enum Piece {
    /// Forward through a layer.
    Forward(usize),
    Loss,
    /// Backward through a layer.
    Backward(usize),
    /// The work of the optimiser before its updates.
    Prepare,
    /// Updates, after this many weights were updated.
    Update(usize),
    /// Copies the new weights into the net.
    Commit,
    Done,
    /// The step has failed with this error.
    Failed(Error),
}

/// The cost of the update of one weight, in multiply-accumulates.
const UPDATE: usize = 8;

impl<N: Network, L, O: Optimizer, const BATCH: usize> Trainer<N, L, O, BATCH, Buffered> {
    /// Begins a step on a batch of 1 to `BATCH` samples. [`Step::advance`] makes it piece by piece.
    ///
    /// # Errors
    /// As [`Trainer::step`], except for the loss and the gradient, which are not known yet.
    pub fn begin<'m, T>(&'m mut self, x: &'m [N::Input], targets: &'m [T]) -> Result<Step<'m, N, L, O, T, BATCH>, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check(&Data::new(x, targets), x.len())?;
        self.grad = Zero::ZERO;
        let rng = self.rng.clone();
        Ok(Step { model: self, x, targets, loss: 0.0, rng, next: Piece::Forward(0) })
    }
}

impl<N: Network, L: Loss<Output<N>, T>, O: Optimizer, T, const BATCH: usize> Step<'_, N, L, O, T, BATCH> {
    /// Returns the net. It has the old weights until the step is complete.
    pub fn net(&self) -> &N {
        &self.model.net
    }

    /// Makes as many pieces as `budget` multiply-accumulates allow, but at least one. Returns the loss when the step is
    /// complete.
    ///
    /// A piece is one of these: the forward or the backward pass of one layer, at one or two multiply-accumulates per weight
    /// and sample; the update of some weights, at 8 per weight; the copy of the new weights into the net, at 1 per weight.
    /// So the longest piece that a budget cannot shorten is the backward pass of the largest layer, or the copy. A residual
    /// block, branches, and a block that is computed again count as one layer each.
    ///
    /// # Errors
    /// [`Error::NonFiniteLoss`] or [`Error::NonFiniteGradient`]. The net is unchanged, and each further call returns the
    /// same error.
    pub fn advance(&mut self, budget: usize) -> Result<Poll<f32>, Error> {
        let mut left = budget;
        loop {
            // A piece that failed may have changed the buffers that it works on: it is not made again.
            let made = self.make(left);
            if let Err(error) = made {
                self.next = Piece::Failed(error);
            }
            left = left.saturating_sub(made?);
            match self.next {
                Piece::Done => return Ok(Poll::Ready(self.loss)),
                next if left < self.cost(next) => return Ok(Poll::Pending),
                _ => {}
            }
        }
    }

    /// Returns the least cost of a piece.
    fn cost(&self, piece: Piece) -> usize {
        let samples = self.x.len();
        match piece {
            Piece::Forward(layer) => operations::<N>(layer).saturating_mul(samples),
            Piece::Loss => samples.saturating_mul(Output::<N>::LEN),
            Piece::Backward(layer) => operations::<N>(layer).saturating_mul(2 * samples),
            Piece::Prepare if O::WHOLE_GRADIENT => 2 * N::TRAINABLE,
            Piece::Prepare | Piece::Done | Piece::Failed(_) => 0,
            Piece::Update(_) => UPDATE,
            Piece::Commit => N::TRAINABLE,
        }
    }

    /// Makes the next piece. Of updates it makes as many as `budget` allows, but at least one. Returns the cost.
    fn make(&mut self, budget: usize) -> Result<usize, Error> {
        let (x, targets, mut cost) = (self.x, self.targets, self.cost(self.next));
        let Trainer { net, loss, optimizer, state, grad, workspace, .. } = &mut *self.model;
        let Workspace { y, trace, p, q, .. } = workspace;
        let y = front_mut(y, x.len());
        self.next = match self.next {
            Piece::Forward(layer) => {
                let mut mode = Mode::train(&mut self.rng).with_room(q.flat());
                net.forward::<BATCH, No>(x, y, trace, mode.of_part(Part::only(layer)));
                if layer + 1 < N::LAYERS { Piece::Forward(layer + 1) } else { Piece::Loss }
            }
            Piece::Loss => {
                let share = 1.0 / x.len() as f32;
                let dy = samples_mut(p.flat(), x.len());
                let mean = loss_and_gradient(loss, y, dy, share, |i| targets.get(i), &mut ()) * share + net.penalty();
                if !mean.is_finite() {
                    let sample = first_bad(BATCH, x, y, samples(p.flat(), x.len()));
                    return Err(Error::NonFiniteLoss { loss: NonFinite::of(mean), sample });
                }
                self.loss = mean;
                Piece::Backward(N::LAYERS.saturating_sub(1))
            }
            Piece::Backward(layer) => {
                let at = Collector { net, grad, limit: f32::MAX };
                N::walk::<BATCH, No, IntoMemory>(Part::only(layer), at, x, y, trace, p.flat(), q.flat())?;
                layer.checked_sub(1).map_or(Piece::Prepare, Piece::Backward)
            }
            Piece::Prepare => {
                net.penalty_gradient(grad);
                begun(optimizer, |optimizer| optimizer.prepare(grad));
                Piece::Update(0)
            }
            Piece::Update(done) => {
                let count = (budget / UPDATE).max(1).min(N::TRAINABLE.saturating_sub(done));
                begun(optimizer, |optimizer| net.stage(grad, state, optimizer, &mut Window { skip: done, count }));
                cost = count * UPDATE;
                if done + count < N::TRAINABLE { Piece::Update(done + count) } else { Piece::Commit }
            }
            Piece::Commit => {
                optimizer.begin_step();
                net.commit(grad);
                net.settle(&N::statistics(trace));
                self.model.rng = self.rng.clone();
                Piece::Done
            }
            Piece::Done => Piece::Done,
            Piece::Failed(error) => return Err(error),
        };
        Ok(cost)
    }
}

/// Runs a piece of a step with an optimiser that has begun the step. Afterwards the optimiser has not begun it: the step
/// counts when it is complete.
fn begun<O: Optimizer>(optimizer: &mut O, run: impl FnOnce(&O)) {
    let before = optimizer.numbers();
    optimizer.begin_step();
    run(optimizer);
    optimizer.set_numbers(&before);
}

/// Returns the multiply-accumulates per sample of the forward pass of a layer. In a composition other than a chain, all of
/// them belong to the first layer.
fn operations<N: Network>(layer: usize) -> usize {
    let (mut layers, mut group, mut found) = (0, 0, 0);
    N::describe(&mut |line| {
        if line.depth == 0 {
            group = layers;
        }
        if group == layer {
            found += line.operations;
        }
        layers += usize::from(!line.heading);
    });
    found
}
