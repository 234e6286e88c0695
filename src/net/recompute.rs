use super::composition::composition;
use super::wrapper::{as_inner, stream_inner};
use super::{Destination, Layer, LayerInfo, Mode, Network, NotFinite, Part, StepOf, StreamLayer};
use crate::tensor::{Flat, Params, Sfc32, Steps, Tensor, Want, Zero};

/// A layer or chain that does not keep its activations. On the way back, its forward pass runs again ("gradient
/// checkpointing"; Chen et al. 2016): PyTorch's `torch.utils.checkpoint`, Keras' `RematScope`.
///
/// The gradients have the same bits, with random layers too. During its forward pass and its way back, the activations lie
/// on the stack, for one such block at a time.
///
/// ```
/// use baregrad::prelude::*;
/// type Block = chain![Dense<64, 64, Relu>, Dropout<20>, Dense<64, 64, Relu>];
/// type Model<B> = Trainer<chain![B, B, B, Dense<64, 4>], MeanSquaredError, Sgd, 8>;
/// assert!(size_of::<Model<Block>>() - size_of::<Model<Recompute<Block>>>() > 18_000); // bytes
/// ```
pub struct Recompute<F>(pub F);

composition! {
    [F: Params] Recompute<F>, Recompute, "";
    F = 0 in 0, ""
}

impl<X: Tensor, F: Layer<X>> Layer<X> for Recompute<F> {
    /// The random numbers before the pass, or zero if it was no training pass, and its statistics.
    type Trace<const B: usize, W: Want> = (Sfc32, F::Statistics);
    as_inner!(F, X, net => net.0, mode => mode);

    // Neither way is inlined: the activations leave the stack when it is done.
    #[inline(never)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &mut [F::Y],
        (before, statistics): &mut Self::Trace<B, W>,
        mode: Mode<'_>,
    ) {
        let Some(mode) = mode.at_once() else { return };
        let mut trace = <F::Trace<B, W>>::ZERO;
        *before = mode.rng_before();
        self.0.forward::<B, W>(x, y, &mut trace, mode);
        *statistics = F::statistics(&trace);
    }

    #[inline(never)]
    fn walk<const B: usize, W: Want, D: Destination>(
        part: Part,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [F::Y],
        (before, _): &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        if part.first(1).is_none() {
            return Ok(());
        }
        let (mut trace, mut room) = (<F::Trace<B, W>>::ZERO, <F::Room<B, W>>::ZERO);
        let rng = if before.is_zero() { None } else { Some(before) };
        let mode = Mode::of(rng).with_room(room.flat());
        D::net(&at).0.forward::<B, W>(x, y, &mut trace, mode);
        F::walk::<B, W, D>(Part::ALL, D::inner(at), x, y, &mut trace, p, q)
    }

    #[inline(always)]
    fn statistics<const B: usize, W: Want>((_, statistics): &Self::Trace<B, W>) -> Self::Statistics {
        (*statistics,)
    }

    // The way back runs the forward pass again.
    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::heading::<F::Y>("Recompute"));
        F::describe(&mut |line| visit(LayerInfo { operations: 2 * line.operations, ..line.inside() }));
    }
}

impl<F: Network> Network for Recompute<F> {
    type Input = F::Input;
}

stream_inner!([F] Recompute<F>, F, net => net.0);
