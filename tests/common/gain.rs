//! A layer as another crate may have it, on samples of any shape, that is a whole net.

use baregrad::net::{Layer, LayerInfo, Mode};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Window, init::Initializer, update_aside};
use baregrad::{Architecture, TensorName};

/// `y = w · x`, number by number.
pub struct Gain<X> {
    pub w: X,
}

impl<X: Tensor> Gain<X> {
    fn tensor(layer: usize) -> TensorName {
        TensorName { layer, kind: "Gain", tensor: "w", shape: X::SHAPE }
    }
}

fn multiply<X: Tensor>(a: &X, b: &X, out: &mut X) {
    for ((a, b), out) in a.flat().iter().zip(b.flat()).zip(out.flat_mut()) {
        *out = a * b;
    }
}

impl<X: Tensor> Params for Gain<X> {
    const NEW: Self = Gain { w: X::ZERO };
    const COUNT: usize = X::LEN;
    const TRAINABLE: usize = X::LEN;
    const ARCHITECTURE: Architecture = Architecture::layer("gain").size(X::LEN).end();
    type Grad = X;
    type State<O: Optimizer> = O::Moments<X>;

    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        initializer.fill(self.w.flat_mut(), X::LEN, X::LEN, rng);
    }

    fn apply<O: Optimizer>(&mut self, grad: &X, state: &mut Self::State<O>, optimizer: &O) {
        optimizer.update(&mut self.w, 0, grad.flat(), state);
    }

    fn apply_aside<O: Optimizer>(&self, grad: &mut X, state: &mut Self::State<O>, optimizer: &O, window: &mut Window) {
        update_aside(optimizer, &self.w, grad, state, window);
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        visit(Self::tensor(first), self.w.flat());
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        visit(Self::tensor(first), self.w.flat_mut());
    }
}

impl<X: Tensor> Layer<X> for Gain<X> {
    type Y = X;
    type Trace<const B: usize> = ();
    const WORK: usize = 0;

    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        x.iter().zip(y).for_each(|(x, y)| multiply(x, &self.w, y));
    }

    fn forward<const B: usize>(&self, x: &[X], y: &mut [X], (): &mut (), _: Mode<'_>) {
        self.infer(x, y, &mut []);
    }

    fn backward<const B: usize>(&self, _: &[X], _: &[X], (): &mut (), dy: &mut [X], dx: Option<&mut [X]>) {
        dy.iter().zip(dx.unwrap_or_default()).for_each(|(dy, dx)| multiply(dy, &self.w, dx));
    }

    fn gradient<const B: usize>(&self, x: &[X], (): &(), dy: &[X], grad: &mut X) {
        for (x, dy) in x.iter().zip(dy) {
            for ((x, dy), grad) in x.flat().iter().zip(dy.flat()).zip(grad.flat_mut()) {
                *grad += x * dy;
            }
        }
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("Gain", ""));
    }
}

impl<X: Tensor> Network for Gain<X> {
    type Input = X;
}
