//! Faults of compositions.

use super::fault::{Fault, planted};
use crate::common::naive::{Pass, Twin, Weights};
use baregrad::net::{Destination, End, Layer, LayerInfo, Mode, NotFinite, Part, Side, Wrapper, samples, samples_mut};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Initializer, Tensor, Want, Window};
use baregrad::{Architecture, TensorName};

/// A net that has the planted fault, or none.
pub struct Around<N>(pub N);

impl<N: Params> Params for Around<N> {
    const NEW: Self = Around(N::NEW);
    const ZERO: Self = Around(N::ZERO);
    const COUNT: usize = N::COUNT;
    const TRAINABLE: usize = N::TRAINABLE;
    const LAYERS: usize = N::LAYERS;
    const ARCHITECTURE: Architecture = N::ARCHITECTURE;
    const MASK: Architecture = N::MASK;
    type Trained = N::Trained;
    type Grad = N::Grad;
    type State<O: Optimizer> = N::State<O>;
    type Statistics = N::Statistics;

    fn reset(&mut self) {
        self.0.reset();
    }

    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        self.0.init(initializer, rng);
    }

    fn apply<O: Optimizer>(&mut self, grad: &N::Grad, state: &mut N::State<O>, optimizer: &O) {
        self.0.apply(grad, state, optimizer);
    }

    fn stage<O: Optimizer>(&self, grad: &mut N::Grad, state: &mut N::State<O>, optimizer: &O, window: &mut Window) {
        self.0.stage(grad, state, optimizer, window);
    }

    fn commit(&mut self, staged: &N::Grad) {
        self.0.commit(staged);
    }

    fn settle(&mut self, statistics: &N::Statistics) {
        self.0.settle(statistics);
        if planted() == Fault::FrozenMoves {
            self.0.tensors_mut(0, &mut |_, values| values.iter_mut().for_each(|w| *w *= 0.999));
        }
    }

    fn penalty(&self) -> f32 {
        self.0.penalty()
    }

    fn penalty_gradient(&self, grad: &mut N::Grad) {
        if planted() != Fault::PenaltyWithoutGradient {
            self.0.penalty_gradient(grad);
        }
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        self.0.tensors(first, visit);
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        self.0.tensors_mut(first, visit);
    }
}

impl<N: Params> Wrapper for Around<N> {
    type Inner = N;
    fn inner(&self) -> &N {
        &self.0
    }
    fn inner_mut(&mut self) -> &mut N {
        &mut self.0
    }
    fn grad(grad: &mut N::Grad) -> &mut N::Grad {
        grad
    }
    fn state<O: Optimizer>(state: &mut N::State<O>) -> &mut N::State<O> {
        state
    }
}

impl<X: Tensor, N: Layer<X>> Layer<X> for Around<N> {
    type Y = N::Y;
    type Trace<const B: usize, W: Want> = N::Trace<B, W>;
    type Side = N::Side;
    type P<const B: usize, W: Want> = N::P<B, W>;
    type Q<const B: usize, W: Want> = N::Q<B, W>;
    type Room<const B: usize, W: Want> = N::Room<B, W>;
    type Held<const B: usize> = N::Held<B>;
    const WORK: usize = N::WORK;
    const WORK_WITH_X: usize = N::WORK_WITH_X;
    const WORK_WITH_Y: usize = N::WORK_WITH_Y;
    const WORK_WITH_BOTH: usize = N::WORK_WITH_BOTH;

    fn infer(&self, x: &[X], y: &mut [N::Y], work: &mut [f32]) {
        self.0.infer(x, y, work);
    }

    fn infer_within(&self, end: End, y: &mut [N::Y], work: &mut [f32]) {
        self.0.infer_within(end, y, work);
    }

    fn infer_into(&self, x: &[X], work: &mut [f32]) -> End {
        self.0.infer_into(x, work)
    }

    fn infer_through(&self, end: End, count: usize, work: &mut [f32]) -> End {
        self.0.infer_through(end, count, work)
    }

    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [N::Y], trace: &mut N::Trace<B, W>, mode: Mode<'_>) {
        self.0.forward::<B, W>(x, y, trace, mode);
    }

    fn walk<const B: usize, W: Want, D: Destination>(
        part: Part,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [N::Y],
        trace: &mut N::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        let dy: Vec<N::Y> = samples(p, x.len()).to_vec();
        N::walk::<B, W, D>(part, D::inner(at), x, y, trace, p, q)?;
        if W::YES && planted() == Fault::ResidualWithoutDy {
            let dx: &mut [X] = samples_mut(N::Side::order(p, q).0, x.len());
            X::flat_all_mut(dx).iter_mut().zip(N::Y::flat_all(&dy)).for_each(|(dx, dy)| *dx -= dy);
        }
        Ok(())
    }

    fn cross<const B: usize>(
        &self,
        x: Option<&[X]>,
        count: usize,
        p: &mut [f32],
        q: &mut [f32],
        held: &mut N::Held<B>,
        mode: Mode<'_>,
    ) {
        self.0.cross::<B>(x, count, p, q, held, mode);
    }

    fn statistics<const B: usize, W: Want>(trace: &N::Trace<B, W>) -> N::Statistics {
        N::statistics(trace)
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        N::describe(visit);
    }
}

impl<X: Tensor, N: Twin<X>> Twin<X> for Around<N> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        self.0.twin(weights, x, pass)
    }
}
