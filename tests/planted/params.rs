//! The weights of a wrapped layer, and faults of their steps.

use super::fault::{Fault, planted};
use crate::common::naive::conv::Axis;
use crate::common::weights;
use baregrad::activations::Activation;
use baregrad::layers::rnn::{Rnn, RnnCell, RnnOptions, Which};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Floats, Initializer, Leaf, Sequence, Sinks, Sums, Tensors, Updates, Window};
use baregrad::{Architecture, TensorName};

/// A layer that has the planted fault, or none: all that it computes is the layer's, and one thing is spoilt.
pub struct Planted<L>(pub L);

/// What the wrapper must know of a layer.
pub trait Part: Leaf<Grad: Tensors> {
    /// The trained tensors.
    fn trained(&mut self) -> <Self::Grad as Tensors>::Muts<'_>;
    /// The same for a direct step.
    fn trained_directly(&mut self) -> <Self::Grad as Tensors>::Muts<'_> {
        self.trained()
    }
    /// How its windows lie, if it has any.
    fn axis() -> Axis {
        Axis::ONE
    }
}

impl<const I: usize, const O: usize, A: Activation> Part for Dense<I, O, A> {
    fn trained(&mut self) -> (&mut [[f32; O]; I], &mut [f32; O]) {
        (&mut self.w, &mut self.b)
    }
    fn trained_directly(&mut self) -> (&mut [[f32; O]; I], &mut [f32; O]) {
        if planted() == Fault::BiasLeftByDirectStep {
            return (&mut self.w, Box::leak(Box::new(self.b)));
        }
        self.trained()
    }
}

impl<const N: usize> Part for LayerNorm<N> {
    fn trained(&mut self) -> (&mut [f32; N], &mut [f32; N]) {
        (&mut self.gamma, &mut self.beta)
    }
}

impl<const C: usize> Part for BatchNorm<C> {
    fn trained(&mut self) -> (&mut [f32; C], &mut [f32; C]) {
        (&mut self.gamma, &mut self.beta)
    }
}

impl<A: Activation> Part for Activate<A> {
    fn trained(&mut self) {}
}

impl<const PERCENT: u32> Part for Dropout<PERCENT> {
    fn trained(&mut self) {}
}

impl<
    const L: usize,
    const C: usize,
    const M: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    const D: usize,
    const CAUSAL: bool,
> Part for Conv1d<Sequence<L, C>, Sequence<M, O>, K, S, Linear, D, CAUSAL>
{
    fn trained(&mut self) -> (&mut [[[f32; O]; C]; K], &mut [f32; O]) {
        (&mut self.w, &mut self.b)
    }
    fn axis() -> Axis {
        let axis = Axis::new(L, M, K, S, D);
        if CAUSAL { Axis { before: (K - 1) * D, ..axis } } else { axis }
    }
}

impl<const L: usize, const C: usize, const M: usize, const O: usize, const K: usize, const S: usize> Part
    for Conv1dTranspose<Sequence<L, C>, Sequence<M, O>, K, S>
{
    fn trained(&mut self) -> (&mut [[[f32; C]; O]; K], &mut [f32; O]) {
        (&mut self.w, &mut self.b)
    }
    fn axis() -> Axis {
        Axis { inputs: L, outputs: M, taps: K, ..Axis::ONE }
    }
}

impl<const L: usize, const C: usize, const K: usize> Part for DepthwiseConv1d<Sequence<L, C>, Sequence<L, C>, K> {
    fn trained(&mut self) -> (&mut [[f32; C]; K], &mut [f32; C]) {
        (&mut self.w, &mut self.b)
    }
    fn axis() -> Axis {
        Axis::new(L, L, K, 1, 1)
    }
}

impl<const L: usize, const C: usize, const M: usize, const K: usize, const S: usize> Part
    for MaxPool1d<Sequence<L, C>, Sequence<M, C>, K, S>
{
    fn trained(&mut self) {}
    fn axis() -> Axis {
        Axis::new(L, M, K, S, 1)
    }
}

impl<const L: usize, const C: usize, const M: usize, const K: usize, const S: usize> Part
    for AveragePool1d<Sequence<L, C>, Sequence<M, C>, K, S>
{
    fn trained(&mut self) {}
    fn axis() -> Axis {
        Axis::new(L, M, K, S, 1)
    }
}

impl Part for GlobalAveragePool {
    fn trained(&mut self) {}
}

impl<const PERCENT: u32> Part for SpatialDropout<PERCENT> {
    fn trained(&mut self) {}
}

impl<
    C: RnnCell,
    const T: usize,
    const I: usize,
    const H: usize,
    R: Which,
    O: RnnOptions,
    const G: usize,
    const NB: usize,
    const LEARNT: usize,
> Part for Rnn<C, Sequence<T, I>, [f32; H], R, O, G, NB, 0, LEARNT>
{
    fn trained(&mut self) -> <Self::Grad as Tensors>::Muts<'_> {
        (&mut self.w, &mut self.u, &mut self.b, &mut self.initial)
    }
}

impl<const T: usize, const N: usize, const V: usize> Part for Embedding<[f32; T], Sequence<T, N>, V> {
    fn trained(&mut self) -> (&mut [[f32; N]; V],) {
        (&mut self.table,)
    }
}

impl<L: Part> Params for Planted<L> {
    const NEW: Self = Planted(L::NEW);
    const ZERO: Self = Planted(L::ZERO);
    const COUNT: usize = L::COUNT;
    const TRAINABLE: usize = L::TRAINABLE;
    const ARCHITECTURE: Architecture = L::ARCHITECTURE;
    type Trained = L::Trained;
    type Grad = L::Grad;
    type State<O: Optimizer> = <L::Grad as Tensors>::State<O>;
    type Statistics = L::Statistics;

    fn reset(&mut self) {
        self.0.reset();
    }

    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        self.0.init(initializer, rng);
        if planted() == Fault::ForgetBiasNotOne {
            self.0.tensors_mut(0, &mut |name, values| {
                if name.tensor == "b" {
                    values.fill(0.0);
                }
            });
        }
    }

    fn apply<O: Optimizer>(&mut self, grad: &L::Grad, state: &mut Self::State<O>, optimizer: &O) {
        let to = <L::Grad as Tensors>::updates(self.0.trained(), state, optimizer);
        Tensors::feed::<Updates<'_, O>>(grad, to);
    }

    fn stage<O: Optimizer>(&self, _: &mut L::Grad, _: &mut Self::State<O>, _: &O, _: &mut Window) {
        unimplemented!("no checker makes a step in pieces");
    }

    fn commit(&mut self, staged: &L::Grad) {
        self.0.commit(staged);
    }

    fn settle(&mut self, statistics: &L::Statistics) {
        let before = weights::all(&self.0);
        let mut before = before.iter();
        self.0.settle(statistics);
        match planted() {
            Fault::SettledTwice => self.0.settle(statistics),
            Fault::MovingMeanStays => self.0.tensors_mut(0, &mut |name, values| {
                values.iter_mut().zip(&mut before).filter(|_| name.tensor == "mean").for_each(|(w, old)| *w = *old);
            }),
            // 99 times as far, where the share of the new value is 1 %.
            Fault::MomentumReversed => self.0.tensors_mut(0, &mut |_, values| {
                values.iter_mut().zip(&mut before).for_each(|(w, old)| *w = old + 99.0 * (*w - old));
            }),
            _ => {}
        }
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        self.0.tensors(first, visit);
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        self.0.tensors_mut(first, visit);
    }
}

impl<L: Part> Leaf for Planted<L> {
    /// `gradient` takes the sinks out.
    type To<S: Sinks> = Option<<L::Grad as Tensors>::To<S>>;

    fn sums(grad: &mut L::Grad) -> Self::To<Sums<'_>> {
        if planted() == Fault::GradientOverwritten {
            grad.walk_mut(&mut |values| values.fill(0.0));
        }
        Some(Tensors::sums(grad))
    }

    fn updates<'a, O: Optimizer>(
        &'a mut self,
        state: &'a mut Self::State<O>,
        optimizer: &'a O,
    ) -> Self::To<Updates<'a, O>> {
        Some(<L::Grad as Tensors>::updates(self.0.trained_directly(), state, optimizer))
    }
}

impl<const C: usize, L: Foldable<C>> Foldable<C> for Planted<L> {
    fn rows_and_biases(&mut self) -> (&mut [[f32; C]], &mut [f32; C]) {
        let (rows, biases) = self.0.rows_and_biases();
        if planted() == Fault::BiasNotFolded {
            return (rows, Box::leak(Box::new(*biases)));
        }
        (rows, biases)
    }
}

impl<L: Part> Planted<L> {
    /// The layer with other weights: `change` gets the name of each tensor.
    pub fn altered(&self, change: impl Fn(&str, &mut [f32])) -> L {
        let mut layer = L::NEW;
        layer.copy_from(&self.0);
        layer.tensors_mut(0, &mut |name, values| change(name.tensor, values));
        layer
    }
}
