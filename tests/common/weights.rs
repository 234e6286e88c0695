//! All trainable weights of any net as one list, in the order in which an optimiser sees them.

use baregrad::Params;
use baregrad::optimizers::{Gradient, Optimizer};
use baregrad::prelude::*;
use baregrad::tensor::{Floats, Tensor, Zero};
use std::cell::RefCell;

/// Writes down the weights that an optimiser is given, and changes nothing.
#[derive(Default)]
struct Reader {
    weights: RefCell<Vec<f32>>,
}

impl Optimizer for Reader {
    const NAME: &'static str = "reader";
    type Moments<T: Tensor> = ();
    type Numbers = ();
    fn numbers(&self) {}
    fn set_numbers(&mut self, (): &()) {}
    fn learning_rate(&self) -> f32 {
        0.0
    }
    fn set_learning_rate(&mut self, _: f32) {}
    fn begin_step(&mut self) {}
    fn update<'g, T: Tensor>(&self, w: &mut T, from: usize, grad: impl Into<Gradient<'g>>, _: &mut ()) {
        self.note(&w.flat()[from..from + grad.into().count()]);
    }
}

impl Reader {
    #[inline(never)]
    fn note(&self, weights: &[f32]) {
        self.weights.borrow_mut().extend(weights);
    }
}

/// Replaces the weights.
struct Writer<'a>(RefCell<std::slice::Iter<'a, f32>>);

impl Optimizer for Writer<'static> {
    const NAME: &'static str = "writer";
    type Moments<T: Tensor> = ();
    type Numbers = ();
    fn numbers(&self) {}
    fn set_numbers(&mut self, (): &()) {}
    fn learning_rate(&self) -> f32 {
        0.0
    }
    fn set_learning_rate(&mut self, _: f32) {}
    fn begin_step(&mut self) {}
    fn update<'g, T: Tensor>(&self, w: &mut T, from: usize, grad: impl Into<Gradient<'g>>, _: &mut ()) {
        self.replace(&mut w.flat_mut()[from..from + grad.into().count()]);
    }
}

impl Writer<'_> {
    #[inline(never)]
    fn replace(&self, weights: &mut [f32]) {
        for w in weights {
            *w = *self.0.borrow_mut().next().expect("as many values as weights");
        }
    }
}

/// The trainable weights.
pub fn read<P: Params>(net: &mut P) -> Vec<f32> {
    let reader = Reader::default();
    apply(net, &Zero::ZERO, &reader);
    reader.weights.into_inner()
}

/// A gradient, in the order of [`read`].
pub fn read_gradient(grad: &impl Floats) -> Vec<f32> {
    let mut all = Vec::new();
    grad.walk(&mut |slice| all.extend(slice));
    all
}

/// Sets the trainable weights.
pub fn write<P: Params>(net: &mut P, values: &[f32]) {
    assert_eq!(values.len(), P::TRAINABLE);
    let values: &'static [f32] = values.to_vec().leak();
    apply(net, &Zero::ZERO, &Writer(RefCell::new(values.iter())));
}

fn apply<P: Params, O: Optimizer>(net: &mut P, grad: &P::Grad, optimizer: &O) {
    let mut state: P::State<O> = Zero::ZERO;
    net.apply(grad, &mut state, optimizer);
}

/// A layer whose weights are all random, those of frozen layers and biases, gains and statistics too.
pub fn random<P: Params>(seed: u64) -> P {
    let mut layer = P::NEW;
    layer.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed));
    let mut shifts = super::numbers::uniform(P::COUNT, -0.4, 0.4, seed + 1).into_iter();
    layer.tensors_mut(0, &mut |_, values| values.iter_mut().zip(&mut shifts).for_each(|(w, shift)| *w += shift));
    layer
}

/// All weights, in the order of the tensors.
pub fn all<P: Params>(net: &P) -> Vec<f32> {
    let mut all = Vec::new();
    net.tensors(0, &mut |_, values| all.extend(values));
    all
}
