//! Where the gradient of the weights goes: a type parameter of the trainer, so that only who uses it pays for it.

use super::trainer::Output;
use crate::net::{Layer, Network};
use crate::optimizers::Optimizer;
use crate::tensor::{Floats, Zero};

/// What a step does with the gradient of the weights.
pub trait Gradients {
    /// Room for a gradient `G`, or none.
    type Of<G: Floats>: Zero;
    #[doc(hidden)]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        x: &[N::Input],
        trace: &<N as Layer<N::Input>>::Trace<B>,
        dy: &[Output<N>],
        grad: &mut Self::Of<N::Grad>,
        state: &mut N::State<O>,
        optimizer: &mut O,
    );
}

/// The gradient goes straight into the optimiser: the fastest, and no memory for it.
pub struct Direct;

/// The gradient is summed up in memory first, where it can be clipped by its norm. The same bits as [`Direct`].
pub struct Buffered;

impl Gradients for Direct {
    type Of<G: Floats> = ();
    #[inline(always)]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        x: &[N::Input],
        trace: &<N as Layer<N::Input>>::Trace<B>,
        dy: &[Output<N>],
        (): &mut (),
        state: &mut N::State<O>,
        optimizer: &mut O,
    ) {
        const { assert!(!O::WHOLE_GRADIENT, "this optimiser needs a trainer with the gradient in memory: `Buffered`") };
        optimizer.begin_step();
        net.learn::<B, O>(x, trace, dy, state, optimizer);
    }
}

impl Gradients for Buffered {
    type Of<G: Floats> = G;
    #[inline(always)]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        x: &[N::Input],
        trace: &<N as Layer<N::Input>>::Trace<B>,
        dy: &[Output<N>],
        grad: &mut N::Grad,
        state: &mut N::State<O>,
        optimizer: &mut O,
    ) {
        *grad = Zero::ZERO;
        net.gradient::<B>(x, trace, dy, grad);
        apply(net, grad, state, optimizer);
    }
}

/// One step along a gradient in memory, and that of the penalty.
#[inline(always)]
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
