//! The weights of any net as one list.

use baregrad::Params;
use baregrad::prelude::*;
use baregrad::tensor::{Floats, Zero};

/// All weights, in the order of the tensors.
pub fn all<P: Params>(net: &P) -> Vec<f32> {
    let mut all = Vec::with_capacity(P::COUNT);
    net.tensors(0, &mut |_, values| all.extend(values));
    all
}

/// Where in [`all`] the trained weights lie, in the order of the gradient: where a step along the gradient 1, 2, 3… arrives.
pub fn trained<P: Params>() -> Vec<usize> {
    let (mut net, mut grad, mut number) = (P::NEW, P::Grad::ZERO, 0.0);
    net.tensors_mut(0, &mut |_, values| values.fill(0.0));
    grad.walk_mut(&mut |slice| {
        for g in slice {
            number += 1.0;
            *g = -number;
        }
    });
    let mut state = <P::State<Sgd>>::ZERO;
    net.apply(&grad, &mut state, &Sgd::new(1.0));
    places(&all(&net), P::TRAINABLE)
}

/// Where 1, 2, 3… have arrived.
fn places(arrived: &[f32], count: usize) -> Vec<usize> {
    let place = |number| arrived.iter().position(|w| *w == number as f32).expect("a step changes each weight once");
    (1..=count).map(place).collect()
}

/// The trained weights, in the order of the gradient.
pub fn read<P: Params>(net: &mut P) -> Vec<f32> {
    at(&all(net), &trained::<P>())
}

fn at(all: &[f32], places: &[usize]) -> Vec<f32> {
    places.iter().map(|place| all[*place]).collect()
}

/// Sets the trained weights.
pub fn write<P: Params>(net: &mut P, values: &[f32]) {
    assert_eq!(values.len(), P::TRAINABLE);
    let mut all = all(net);
    for (place, value) in trained::<P>().iter().zip(values) {
        all[*place] = *value;
    }
    write_all(net, &all);
}

/// Sets all weights.
pub fn write_all<P: Params>(net: &mut P, values: &[f32]) {
    assert_eq!(values.len(), P::COUNT);
    let mut rest = values;
    net.tensors_mut(0, &mut |_, tensor| {
        let (values, after) = rest.split_at(tensor.len());
        tensor.copy_from_slice(values);
        rest = after;
    });
}

/// A gradient, in the order of [`read`].
pub fn read_gradient(grad: &impl Floats) -> Vec<f32> {
    let mut all = Vec::new();
    grad.walk(&mut |slice| all.extend(slice));
    all
}

/// A layer whose weights are all random, those of frozen layers and biases, gains and statistics too.
pub fn random<P: Params>(seed: u64) -> P {
    let mut layer = P::NEW;
    layer.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed));
    let mut shifts = super::numbers::uniform(P::COUNT, -0.4, 0.4, seed + 1).into_iter();
    layer.tensors_mut(0, &mut |_, values| {
        for (w, shift) in values.iter_mut().zip(&mut shifts) {
            *w += shift;
        }
    });
    layer
}

/// The names of [`all`] weights, for messages.
pub fn names<P: Params>() -> Vec<String> {
    let mut all = Vec::new();
    P::NEW.tensors(0, &mut |name, values| {
        for i in 0..values.len() {
            all.push(format!("{}.{}[{i}]", name.layer, name.tensor));
        }
    });
    all
}
