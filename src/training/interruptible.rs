//! A training step in pieces, for firmware that must do something else in between.

use super::gradients::Buffered;
use super::trainer::{Output, Trainer, loss_and_gradient};
use crate::data::Data;
use crate::error::Error;
use crate::kernels::Lanes;
use crate::losses::Loss;
use crate::net::{Mode, Network};
use crate::optimizers::{Count, Gradient, Optimizer};
use crate::tensor::Window;
use crate::tensor::{Floats, Tensor, Zero, copy, front_mut};
use core::task::Poll;

/// A training step that is made piece by piece, while the net infers with the weights of before: of [`Trainer::begin`].
///
/// Wherever it is cut, it gives the same bits as [`Trainer::step`]. It needs no more memory than the buffered gradient: the new
/// weights take its place, and are copied into the net by the last piece. If it is dropped before its end, the weights stay as
/// they were; if its pieces had come to the update, some moments have already taken the gradient in.
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
    next: Piece,
}

/// What comes next.
#[derive(Clone, Copy)]
enum Piece {
    /// Forward through a layer.
    Forward(usize),
    Loss,
    /// Backward through a layer.
    Backward(usize),
    /// What the optimiser does before its updates.
    Prepare,
    /// Updates, after those of so many weights.
    Update(usize),
    /// The new weights go into the net.
    Commit,
    Done,
}

/// What the update of a weight takes, in multiply-accumulates.
const UPDATE: usize = 8;

impl<N: Network, L, O: Optimizer, const BATCH: usize> Trainer<N, L, O, BATCH, Buffered> {
    /// Begins a step on a batch of 1 to `BATCH` samples, which [`Step::advance`] makes piece by piece.
    ///
    /// # Errors
    /// As [`Trainer::step`], but for the loss, which is not known yet.
    pub fn begin<'m, T>(&'m mut self, x: &'m [N::Input], targets: &'m [T]) -> Result<Step<'m, N, L, O, T, BATCH>, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check(&Data::new(x, targets), x.len())?;
        self.grad = Zero::ZERO;
        Ok(Step { model: self, x, targets, loss: 0.0, next: Piece::Forward(0) })
    }
}

impl<N: Network, L: Loss<Output<N>, T>, O: Optimizer, T, const BATCH: usize> Step<'_, N, L, O, T, BATCH> {
    /// The net, with the weights of before until the step is complete.
    pub fn net(&self) -> &N {
        &self.model.net
    }

    /// Makes as many pieces as `budget` multiply-accumulates allow, but at least one. Gives the loss when the step is complete.
    ///
    /// A piece is the forward or the backward pass of one layer, which takes one or two multiply-accumulates for each weight
    /// and sample; the update of some weights, 8 for each; and the copy of the new weights into the net, 1 for each. The
    /// longest piece that a budget cannot shorten is thus the backward pass of the largest layer, or the copy. A part that is
    /// frozen as a whole is one layer on the way back.
    ///
    /// # Errors
    /// [`Error::NonFiniteLoss`], now and from now on: the net is unchanged.
    pub fn advance(&mut self, budget: usize) -> Result<Poll<f32>, Error> {
        let mut left = budget;
        loop {
            left = left.saturating_sub(self.make(left)?);
            match self.next {
                Piece::Done => return Ok(Poll::Ready(self.loss)),
                next if left < self.cost(next) => return Ok(Poll::Pending),
                _ => {}
            }
        }
    }

    /// What a piece takes at least.
    fn cost(&self, piece: Piece) -> usize {
        let samples = self.x.len();
        match piece {
            Piece::Forward(layer) => multiply_accumulates::<N>(layer).saturating_mul(samples),
            Piece::Loss => samples.saturating_mul(<Output<N> as Tensor>::LEN),
            Piece::Backward(layer) => multiply_accumulates::<N>(layer).saturating_mul(2 * samples),
            Piece::Prepare if O::WHOLE_GRADIENT => 2 * N::TRAINABLE,
            Piece::Prepare | Piece::Done => 0,
            Piece::Update(_) => UPDATE,
            Piece::Commit => N::TRAINABLE,
        }
    }

    /// Makes the next piece; of updates, as many as `budget` allows, but at least one. Gives what it took.
    fn make(&mut self, budget: usize) -> Result<usize, Error> {
        let (x, targets, mut cost) = (self.x, self.targets, self.cost(self.next));
        let Trainer { net, loss, optimizer, state, grad, trace, y, dy, rng, .. } = &mut *self.model;
        let (y, dy) = (front_mut(y, x.len()), front_mut(dy, x.len()));
        self.next = match self.next {
            Piece::Forward(layer) => {
                net.forward_part::<BATCH>(layer, x, y, trace, Mode::Train(rng));
                if layer + 1 < N::LAYERS { Piece::Forward(layer + 1) } else { Piece::Loss }
            }
            Piece::Loss => {
                let share = 1.0 / x.len() as f32;
                let mean = loss_and_gradient(loss, y, dy, share, |i| targets.get(i)) * share + net.penalty();
                if !mean.is_finite() {
                    return Err(Error::NonFiniteLoss { loss: mean });
                }
                self.loss = mean;
                Piece::Backward(N::LAYERS.saturating_sub(1))
            }
            Piece::Backward(layer) => {
                net.backward_part::<BATCH>(layer, x, y, trace, dy, None, grad);
                layer.checked_sub(1).map_or(Piece::Prepare, Piece::Backward)
            }
            Piece::Prepare => {
                net.penalty_gradient(grad);
                optimizer.begin_step();
                optimizer.prepare(grad);
                Piece::Update(0)
            }
            Piece::Update(done) => {
                let count = (budget / UPDATE).max(1).min(N::TRAINABLE.saturating_sub(done));
                net.apply_aside(grad, state, optimizer, &mut Window { skip: done, count });
                cost = count * UPDATE;
                if done + count < N::TRAINABLE { Piece::Update(done + count) } else { Piece::Commit }
            }
            Piece::Commit => {
                let mut no_moments: N::State<Replace> = Zero::ZERO;
                net.apply(grad, &mut no_moments, &Replace);
                Piece::Done
            }
            Piece::Done => Piece::Done,
        };
        Ok(cost)
    }
}

/// What the forward pass of a layer takes for a sample.
fn multiply_accumulates<N: Network>(layer: usize) -> usize {
    let (mut number, mut found) = (0, 0);
    N::describe(&mut |line| {
        if number == layer {
            found = line.parameters.max(line.shape.iter().product());
        }
        number += 1;
    });
    found
}

/// Puts the new weights, which lie in the gradient's place, into the net.
struct Replace;

impl Optimizer for Replace {
    const NAME: &'static str = "replace";
    type Moments = Self;
    type Numbers = ();
    fn numbers(&self) {}
    fn set_numbers(&mut self, (): &()) {}
    fn learning_rate(&self) -> f32 {
        1.0
    }
    fn set_learning_rate(&mut self, _: f32) {}
    fn apply<V: Lanes>(&self, _: V, new: V, (): &mut ()) -> V {
        new
    }
}

/// It remembers nothing. Its pass is a copy, for the pass of other optimisers turns a gradient of −0 into 0.
impl Count for Replace {
    type Tensors<T: Floats> = ();
    type Lanes<V: Lanes> = ();
    #[inline]
    fn update<O: Optimizer, T: Tensor>(_: &O, w: &mut T, from: usize, new: Gradient<'_>, (): &mut ()) {
        copy(new.b, w.flat_mut().get_mut(from..).unwrap_or_default());
    }
}
