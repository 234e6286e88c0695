//! Where the gradient of the weights goes: a type parameter of the trainer, so that only those who store the gradient pay
//! for it.

use super::accumulate::Accumulated;
use super::workspace::Open;
use crate::net::{Collector, IntoMemory, IntoWeights, Learner, Network, NotFinite};
use crate::tensor::Optimizer;
use crate::tensor::{Floats, Zero};

/// What a step does with the gradient of the weights.
pub trait Gradients {
    /// The memory for a gradient `G`, or none.
    type Of<G: Floats>: Zero;
    /// Whether the whole gradient is in memory before any weight moves.
    const WHOLE: bool = true;
    /// Whether gradients wait in the memory between two steps. A checkpoint then stores them.
    const WAITS: bool = false;
    /// Returns the waiting gradients, if there can be any.
    fn waiting<G: Floats>(grad: &Self::Of<G>) -> Option<&Accumulated<G>> {
        let _ = grad;
        None
    }
    /// Returns the waiting gradients, to change them.
    fn waiting_mut<G: Floats>(grad: &mut Self::Of<G>) -> Option<&mut Accumulated<G>> {
        let _ = grad;
        None
    }
    #[doc(hidden)]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        workspace: &mut Open<'_, N, B>,
        x: &[N::Input],
        grad: &mut Self::Of<N::Grad>,
        state: &mut N::State<O>,
        optimizer: &mut O,
    ) -> Result<(), NotFinite>;
}

/// The gradient goes straight into the optimiser. This is the fastest way, and needs no memory for the gradient.
///
/// Each layer checks that its gradient is finite before its weights move. `Direct<false>` skips the check, which saves about
/// 2 % of a step of a small net. A gradient that overflows then makes weights that are not finite.
pub struct Direct<const CHECKED: bool = true>;

/// The gradient is first summed up in memory, where it can be clipped by its norm. The weights get the same bits as with
/// [`Direct`].
pub struct Buffered;

impl<const CHECKED: bool> Gradients for Direct<CHECKED> {
    type Of<G: Floats> = ();
    const WHOLE: bool = false;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        workspace: &mut Open<'_, N, B>,
        x: &[N::Input],
        (): &mut (),
        state: &mut N::State<O>,
        optimizer: &mut O,
    ) -> Result<(), NotFinite> {
        if !CHECKED {
            optimizer.begin_step();
            return workspace.back::<IntoWeights<O, false>>(Learner { net, state, optimizer }, x);
        }
        let numbers = optimizer.numbers();
        optimizer.begin_step();
        let result = workspace.back::<IntoWeights<O, true>>(Learner { net, state, optimizer: &*optimizer }, x);
        if result.is_err() {
            optimizer.set_numbers(&numbers);
        }
        result
    }
}

impl Gradients for Buffered {
    type Of<G: Floats> = G;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        workspace: &mut Open<'_, N, B>,
        x: &[N::Input],
        grad: &mut N::Grad,
        state: &mut N::State<O>,
        optimizer: &mut O,
    ) -> Result<(), NotFinite> {
        *grad = Zero::ZERO;
        workspace.back::<IntoMemory>(Collector { net, grad, limit: f32::MAX }, x)?;
        apply(net, grad, state, optimizer);
        Ok(())
    }
}

/// Returns the limit of each gradient, so that the sum of this many is finite. A factor of two is left for rounding.
pub(super) fn limit_of_each(gradients: usize) -> f32 {
    if gradients == 1 { f32::MAX } else { f32::MAX / 2.0 / gradients as f32 }
}

/// Makes one step along a gradient in memory, after the gradient of the penalty is added to it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn apply<N: Network, O: Optimizer>(
    net: &mut N,
    grad: &mut N::Grad,
    state: &mut N::State<O>,
    optimizer: &mut O,
) {
    net.penalty_gradient(grad);
    optimizer.begin_step();
    optimizer.prepare(grad);
    net.apply(grad, state, optimizer);
}
