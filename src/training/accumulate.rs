//! Gradient accumulation: a large batch in the memory of a small one.

use super::gradients::{self, Gradients};
use super::trainer::Trainer;
use super::workspace::Open;
use crate::net::{Collector, IntoMemory, Network, NotFinite};
use crate::tensor::Optimizer;
use crate::tensor::{Floats, Zero, zeros};

/// Adds up the gradients of `STEPS` batches, then moves the weights along their mean: Keras' `gradient_accumulation_steps`.
///
/// Each `step` takes one batch, and each `STEPS`-th step moves the weights. If `STEPS` is 0, only [`Trainer::apply`] moves
/// them. A batch is refused if its gradient is not finite, or so large that the sum might overflow. The sum so far is
/// dropped with it. A checkpoint stores the sum and the number of batches in it.
///
/// ```
/// use baregrad::{prelude::*, Accumulate};
/// // Batches of 32 in the memory of 8.
/// type Model = Trainer<Dense<2, 1>, MeanSquaredError, Adam, 8, Accumulate<4>>;
/// let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
/// let before = model.net.w;
/// for _ in 0..3 {
///     model.step(&[[1.0, 2.0]; 8], &[[3.0]; 8])?;
/// }
/// assert_eq!(model.net.w, before);
/// model.step(&[[1.0, 2.0]; 8], &[[3.0]; 8])?;
/// assert_ne!(model.net.w, before);
/// # Ok::<(), Error>(())
/// ```
pub struct Accumulate<const STEPS: u32>;

/// A sum of gradients, which waits in [`Trainer::grad`]. A program may send it to another machine, or add a sum from there
/// before [`Trainer::apply`], which does not check it.
pub struct Accumulated<G> {
    /// The sum; its [`walk`](Floats::walk) visits the floats.
    pub sum: G,
    /// The number of batches in it.
    pub batches: u32,
}

zeros!(impl [G: Zero] Accumulated<G> { sum, batches });

impl<const STEPS: u32> Gradients for Accumulate<STEPS> {
    type Of<G: Floats> = Accumulated<G>;
    const WAITS: bool = true;
    fn waiting<G: Floats>(grad: &Accumulated<G>) -> Option<&Accumulated<G>> {
        Some(grad)
    }
    fn waiting_mut<G: Floats>(grad: &mut Accumulated<G>) -> Option<&mut Accumulated<G>> {
        Some(grad)
    }
    #[inline(always)]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        workspace: &mut Open<'_, N, B>,
        x: &[N::Input],
        grad: &mut Accumulated<N::Grad>,
        state: &mut N::State<O>,
        optimizer: &mut O,
    ) -> Result<(), NotFinite> {
        // The count of batches ends at `u32::MAX`, too.
        let most = if STEPS == 0 { u32::MAX } else { STEPS };
        let limit = gradients::limit_of_each(most as usize);
        let result = workspace.back::<IntoMemory>(Collector { net, grad: &mut grad.sum, limit }, x);
        if result.is_err() {
            // A part of the batch is already in the sum.
            *grad = Zero::ZERO;
            return result;
        }
        grad.batches = grad.batches.saturating_add(1);
        // There may be more already, from a checkpoint of a trainer with more `STEPS`.
        if STEPS > 0 && grad.batches >= STEPS {
            apply(net, grad, state, optimizer);
        }
        Ok(())
    }
}

/// Makes one step along the mean gradient, and clears the sum.
fn apply<N: Network, O: Optimizer>(
    net: &mut N,
    grad: &mut Accumulated<N::Grad>,
    state: &mut N::State<O>,
    optimizer: &mut O,
) {
    let share = 1.0 / grad.batches as f32;
    grad.sum.walk_mut(&mut |slice| slice.iter_mut().for_each(|g| *g *= share));
    gradients::apply(net, &mut grad.sum, state, optimizer);
    *grad = Zero::ZERO;
}

impl<N: Network, L, O: Optimizer, const BATCH: usize, const STEPS: u32> Trainer<N, L, O, BATCH, Accumulate<STEPS>> {
    /// Moves the weights along the mean gradient of the batches since the last move. Returns the number of batches. If there
    /// were none, nothing moves.
    ///
    /// ```
    /// use baregrad::{prelude::*, Accumulate};
    /// type Model = Trainer<Dense<2, 1>, MeanSquaredError, Adam, 8, Accumulate<0>>;
    /// let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
    /// model.step(&[[1.0, 2.0]; 8], &[[3.0]; 8])?;
    /// model.step(&[[2.0, 1.0]; 5], &[[0.0]; 5])?;
    /// assert_eq!((model.apply(), model.apply()), (2, 0));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn apply(&mut self) -> u32 {
        let batches = self.grad.batches;
        if batches > 0 {
            apply(&mut self.net, &mut self.grad, &mut self.state, &mut self.optimizer);
        }
        batches
    }
}
