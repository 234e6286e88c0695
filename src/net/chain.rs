//! The only composition: one layer after another.

use crate::net::LayerInfo;
use crate::net::{End, Layer, Mode, Network};
use crate::optimizers::Optimizer;
use crate::tensor::Architecture;
use crate::tensor::Window;
use crate::tensor::from_bytes::{After, Place, Stored};
use crate::tensor::init::Initializer;
use crate::tensor::{Params, TensorName};
use crate::tensor::{Tensor, Zero, front, front_mut};
use rand_core::Rng;

/// `B` after `A`; [`chain!`](crate::chain) writes longer ones.
pub struct Chain<A, B>(pub A, pub B);

/// The type of layers one after another: `chain![A, B, C]` is `Chain<A, Chain<B, C>>`. Keras' `Sequential`.
///
/// ```
/// use baregrad::prelude::*;
/// // Sequential([Input((2,)), Dense(2, activation="relu"), Dense(1, activation="sigmoid")])
/// type Xor = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
/// assert_eq!(Xor::COUNT, 9);
/// ```
#[macro_export]
macro_rules! chain {
    ($layer:ty $(,)?) => { $layer };
    ($first:ty, $($rest:ty),+ $(,)?) => { $crate::Chain<$first, $crate::chain![$($rest),+]> };
}

impl<A: Params, B: Params> Params for Chain<A, B> {
    const NEW: Self = Chain(A::NEW, B::NEW);
    const COUNT: usize = A::COUNT + B::COUNT;
    const TRAINABLE: usize = A::TRAINABLE + B::TRAINABLE;
    const LAYERS: usize = A::LAYERS + B::LAYERS;
    const ARCHITECTURE: Architecture = A::ARCHITECTURE.then(B::ARCHITECTURE);
    type Grad = (A::Grad, B::Grad);
    type State<O: Optimizer> = (A::State<O>, B::State<O>);

    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        self.0.init(initializer, rng);
        self.1.init(initializer, rng);
    }

    #[inline(always)]
    fn apply<O: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<O>, optimizer: &O) {
        self.0.apply(&grad.0, &mut state.0, optimizer);
        self.1.apply(&grad.1, &mut state.1, optimizer);
    }

    fn apply_aside<O: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<O>,
        optimizer: &O,
        window: &mut Window,
    ) {
        self.0.apply_aside(&mut grad.0, &mut state.0, optimizer, window);
        self.1.apply_aside(&mut grad.1, &mut state.1, optimizer, window);
    }

    #[inline(always)]
    fn penalty(&self) -> f32 {
        self.0.penalty() + self.1.penalty()
    }

    #[inline(always)]
    fn penalty_gradient(&self, grad: &mut Self::Grad) {
        self.0.penalty_gradient(&mut grad.0);
        self.1.penalty_gradient(&mut grad.1);
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        self.0.tensors(first, visit);
        self.1.tensors(first + A::LAYERS, visit);
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        self.0.tensors_mut(first, visit);
        self.1.tensors_mut(first + A::LAYERS, visit);
    }
}

impl<P: Place, A: Stored<P>, B: Stored<After<P, A>>> Stored<P> for Chain<A, B> {
    const STORED: Self = Chain(A::STORED, B::STORED);
}

impl<X: Tensor, A: Layer<X>, B: Layer<A::Y>> Layer<X> for Chain<A, B> {
    type Y = B::Y;
    type Trace<const N: usize> = Link<A::Y, A::Trace<N>, B::Trace<N>, N>;
    const WORK: usize = larger(A::Y::LEN + A::WORK, B::WORK_WITH_X);
    const WORK_WITH_X: usize = larger(X::LEN + A::Y::LEN + A::WORK, B::WORK_WITH_X);

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [Self::Y], work: &mut [f32]) {
        let (between, rest) = End::Front.split(work, x.len());
        self.0.infer(x, between, rest);
        self.1.infer_within(End::Front, y, work);
    }

    // x is dead once the first layer is done: its end of the work space then takes the output of the second.
    #[inline(always)]
    fn infer_within(&self, end: End, y: &mut [Self::Y], work: &mut [f32]) {
        let (x, rest) = end.split(work, y.len());
        let (between, rest) = end.other().split(rest, y.len());
        self.0.infer(x, between, rest);
        self.1.infer_within(end.other(), y, work);
    }

    #[inline(always)]
    fn forward<const N: usize>(&self, x: &[X], y: &mut [Self::Y], trace: &mut Self::Trace<N>, mut mode: Mode<'_>) {
        let (between, _, first, second) = trace.parts(x.len());
        self.0.forward::<N>(x, between, first, mode.again());
        self.1.forward::<N>(between, y, second, mode);
    }

    #[inline(always)]
    fn forward_part<const N: usize>(
        &self,
        layer: usize,
        x: &[X],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<N>,
        mode: Mode<'_>,
    ) {
        let (between, _, first, second) = trace.parts(x.len());
        match layer.checked_sub(A::LAYERS) {
            None => self.0.forward_part::<N>(layer, x, between, first, mode),
            Some(layer) => self.1.forward_part::<N>(layer, between, y, second, mode),
        }
    }

    #[inline(always)]
    fn backward<const N: usize>(
        &self,
        x: &[X],
        y: &[Self::Y],
        trace: &mut Self::Trace<N>,
        dy: &mut [Self::Y],
        dx: Option<&mut [X]>,
    ) {
        let (between, d_between, first, second) = trace.parts(x.len());
        if A::TRAINABLE == 0 && dx.is_none() {
            self.1.backward::<N>(between, y, second, dy, None);
        } else {
            self.1.backward::<N>(between, y, second, dy, Some(d_between));
            self.0.backward::<N>(x, between, first, d_between, dx);
        }
    }

    #[inline(always)]
    fn backward_part<const N: usize>(
        &self,
        layer: usize,
        x: &[X],
        y: &[Self::Y],
        trace: &mut Self::Trace<N>,
        dy: &mut [Self::Y],
        dx: Option<&mut [X]>,
        grad: &mut Self::Grad,
    ) {
        let (between, d_between, first, second) = trace.parts(x.len());
        let stop = A::TRAINABLE == 0 && dx.is_none();
        match layer.checked_sub(A::LAYERS) {
            Some(layer) => {
                let d_between = (!stop).then_some(d_between);
                self.1.backward_part::<N>(layer, between, y, second, dy, d_between, &mut grad.1);
            }
            None if stop => {}
            None => self.0.backward_part::<N>(layer, x, between, first, d_between, dx, &mut grad.0),
        }
    }

    #[inline(always)]
    fn gradient<const N: usize>(&self, x: &[X], trace: &Self::Trace<N>, dy: &[Self::Y], grad: &mut Self::Grad) {
        let (between, d_between, first, second) = trace.read(x.len());
        self.0.gradient::<N>(x, first, d_between, &mut grad.0);
        self.1.gradient::<N>(between, second, dy, &mut grad.1);
    }

    #[inline(always)]
    fn learn<const N: usize, O: Optimizer>(
        &mut self,
        x: &[X],
        trace: &Self::Trace<N>,
        dy: &[Self::Y],
        state: &mut Self::State<O>,
        optimizer: &O,
    ) {
        let (between, d_between, first, second) = trace.read(x.len());
        self.0.learn::<N, O>(x, first, d_between, &mut state.0, optimizer);
        self.1.learn::<N, O>(between, second, dy, &mut state.1, optimizer);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        A::describe(visit);
        B::describe(visit);
    }
}

impl<A: Network, B: Layer<A::Y>> Network for Chain<A, B> {
    type Input = A::Input;
}

pub(crate) const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// The activations between two layers of a chain, and their gradients.
pub struct Link<Y, A, B, const N: usize> {
    /// Output of the first part.
    pub(crate) y: [Y; N],
    /// Its gradient.
    pub(crate) dy: [Y; N],
    /// Trace of the first part.
    pub(crate) first: A,
    /// Trace of the second part.
    pub(crate) second: B,
}

impl<Y: Zero, A: Zero, B: Zero, const N: usize> Zero for Link<Y, A, B, N> {
    const ZERO: Self = Link { y: Zero::ZERO, dy: Zero::ZERO, first: Zero::ZERO, second: Zero::ZERO };
}

impl<Y, A, B, const N: usize> Link<Y, A, B, N> {
    /// The first `n` outputs, their gradients, and both traces.
    #[inline(always)]
    pub(crate) fn parts(&mut self, n: usize) -> (&mut [Y], &mut [Y], &mut A, &mut B) {
        (front_mut(&mut self.y, n), front_mut(&mut self.dy, n), &mut self.first, &mut self.second)
    }

    /// The same, to read.
    #[inline(always)]
    pub(crate) fn read(&self, n: usize) -> (&[Y], &[Y], &A, &B) {
        (front(&self.y, n), front(&self.dy, n), &self.first, &self.second)
    }
}
