//! A layer as another crate may have it, on samples of any shape, that is a whole net.

use baregrad::net::{Backward, Layer, LayerInfo, Mode};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Leaf, Sink, Sinks, Sums, Tensor, Tensors, Updates, Want, Window, Yes, init::Initializer};
use baregrad::{Architecture, TensorName, leaf};

/// `y = w · x`, number by number. `params!` would write half of it, but takes arrays alone.
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
    type Trained = Yes;
    type Grad = (X,);
    type State<O: Optimizer> = <(X,) as Tensors>::State<O>;
    type Statistics = ();

    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        initializer.fill(self.w.flat_mut(), X::LEN, X::LEN, rng);
    }

    fn apply<O: Optimizer>(&mut self, grad: &(X,), state: &mut Self::State<O>, optimizer: &O) {
        <(X,) as Tensors>::feed::<Updates<'_, O>>(grad, self.updates(state, optimizer));
    }

    fn stage<O: Optimizer>(&self, grad: &mut (X,), state: &mut Self::State<O>, optimizer: &O, window: &mut Window) {
        <(X,) as Tensors>::stage((&self.w,), grad, state, optimizer, window);
    }

    fn commit(&mut self, staged: &(X,)) {
        self.w = staged.0;
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        visit(Self::tensor(first), self.w.flat());
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        visit(Self::tensor(first), self.w.flat_mut());
    }
}

impl<X: Tensor> Leaf for Gain<X> {
    type To<S: Sinks> = <(X,) as Tensors>::To<S>;

    fn sums(grad: &mut (X,)) -> Self::To<Sums<'_>> {
        Tensors::sums(grad)
    }

    fn updates<'a, O: Optimizer>(
        &'a mut self,
        state: &'a mut Self::State<O>,
        optimizer: &'a O,
    ) -> Self::To<Updates<'a, O>> {
        <(X,) as Tensors>::updates((&mut self.w,), state, optimizer)
    }
}

impl<X: Tensor> Layer<X> for Gain<X> {
    type Y = X;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X);

    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        x.iter().zip(y).for_each(|(x, y)| multiply(x, &self.w, y));
    }

    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [X], (): &mut (), _: Mode<'_>) {
        self.infer(x, y, &mut []);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("Gain", ""));
    }
}

impl<X: Tensor> Backward<X> for Gain<X> {
    fn backward<const B: usize, W: Want>(&self, _: &[X], _: &[X], (): &mut (), dy: &mut [X], dx: Option<&mut [X]>) {
        dy.iter().zip(dx.unwrap_or_default()).for_each(|(dy, dx)| multiply(dy, &self.w, dx));
    }

    fn gradient<const B: usize, W: Want, S: Sinks>(x: &[X], _: &[X], (): &(), dz: &[X], (w,): &mut Self::To<S>) {
        let mut sum = X::ZERO;
        for (x, dz) in x.iter().zip(dz) {
            for ((x, dz), sum) in x.flat().iter().zip(dz.flat()).zip(sum.flat_mut()) {
                *sum += x * dz;
            }
        }
        w.add(0, sum.flat().into());
    }
}

impl<X: Tensor> Network for Gain<X> {
    type Input = X;
}
