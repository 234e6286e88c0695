//! Rows T1, T2, T3 and T4: training beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::activations::Activation;
use baregrad::losses::{Loss, Probabilities};
use baregrad::prelude::*;
use common::plain::{Classifier, Regressor, Trained};
use common::table::{Table, Training, Work};
use common::{Aligned, assert_close, hide, keep, numbers, plain};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// Glorot-like weights and zero biases.
fn weights<const I: usize, const O: usize>(seed: u32) -> &'static [[f32; O]; I] {
    let scale = (6.0 / (I + O) as f32).sqrt();
    let w = numbers::<O, I>(seed);
    w.as_flattened_mut().iter_mut().for_each(|w| *w *= scale);
    w
}

/// Row T1, the seed's script. There Keras takes the logits behind the sigmoid, and so does plain Rust, whose gradient is σ − t:
/// their twin is the form on `Logits`. The row on probabilities goes through the slopes of loss and sigmoid one by one.
fn t1<A: Activation, F: 'static>(table: &mut Table, name: &str)
where
    BinaryCrossEntropy<F>: Loss<[f32; 1], [f32; 1]>,
{
    type Model<A, F> = Trainer<chain![Dense<2, 2, Relu>, Dense<2, 1, A>], BinaryCrossEntropy<F>, Adam, 1>;
    let x = &*keep([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let t = &*keep([[0.0], [1.0], [1.0], [0.0]]);
    let (w1, w2) = ([[0.9, -0.4], [0.8, 0.7]], [[-0.9], [1.1]]);
    let fit = Fit { epochs: 1000, batch_size: 1, shuffle: false };
    let ours = || {
        let mut model = Aligned(Model::<A, F>::untrained(BinaryCrossEntropy::default(), Adam::default()));
        (model.net.0.w, model.net.1.w) = (w1, w2);
        let epoch = model.fit(hide(x), hide(t), &fit).unwrap();
        (epoch.loss, model.net.0.w)
    };
    let plain = || {
        let (mut first, mut second) = (Aligned(Trained::new(w1, [0.0; 2])), Aligned(Trained::new(w2, [0.0; 1])));
        let loss = plain::xor(&mut first, &mut second, hide(x), hide(t));
        (loss, first.net.w)
    };
    assert_close(&[ours().0], &[plain().0], 1e-4);
    assert_close(ours().1.as_flattened(), plain().1.as_flattened(), 1e-4);
    table.row(name, Work::Mixed, || _ = black_box(ours()), || _ = black_box(plain()));
}

fn classifier<const I: usize, const H: usize>(table: &mut Table, name: &str) {
    type Model<const I: usize, const H: usize> =
        Trainer<chain![Dense<I, H, Relu>, Dense<H, 10>], SparseCategoricalCrossEntropy<Logits>, Adam, 32>;
    let x = &*numbers::<I, 32>(7);
    let t = &*keep(std::array::from_fn::<u8, 32, _>(|i| (i % 10) as u8));
    let (w1, w2) = (weights::<I, H>(1), weights::<H, 10>(3));
    let (mut ours, mut plain) = (
        Training {
            state: keep(Model::<I, H>::untrained(Default::default(), Adam::default())),
            restart: |model: &mut Model<I, H>| {
                *model = Model::untrained(Default::default(), Adam::default());
                (model.net.0.w, model.net.1.w) = (*w1, *w2);
            },
            step: |model: &mut Model<I, H>| model.step(hide(x), hide(t)).unwrap(),
        },
        Training {
            state: keep(Classifier::<I, H, 10, 32>::new(Trained::new(*w1, [0.0; H]), Trained::new(*w2, [0.0; 10]))),
            restart: |model: &mut Classifier<I, H, 10, 32>| {
                *model = Classifier::new(Trained::new(*w1, [0.0; H]), Trained::new(*w2, [0.0; 10]));
            },
            step: |model: &mut Classifier<I, H, 10, 32>| model.step(hide(x), hide(t)),
        },
    );
    assert_close(&ours.losses(), &plain.losses(), 1e-4);
    // Adam's first steps follow the sign of the gradient, so that rounding shows where it is nearly zero.
    assert_close(ours.state.net.0.w.as_flattened(), plain.state.first.net.w.as_flattened(), 2e-2);
    // Forward, gradient of the weights, and the input gradient of the second layer.
    table.row(name, Work::Flops(32 * 2 * (2 * I * H + 3 * H * 10)), ours, plain);
}

fn t4(table: &mut Table) {
    type Model = Trainer<chain![Dense<16, 32, Tanh>, Dense<32, 4>], MeanSquaredError, Adam, 1>;
    let (x, t) = (&*numbers::<16, 1>(7), &*numbers::<4, 1>(8));
    let (w1, w2) = (weights::<16, 32>(1), weights::<32, 4>(3));
    let (mut ours, mut plain) = (
        Training {
            state: keep(Model::untrained(MeanSquaredError, Adam::default())),
            restart: |model: &mut Model| {
                *model = Model::untrained(MeanSquaredError, Adam::default());
                (model.net.0.w, model.net.1.w) = (*w1, *w2);
            },
            step: |model: &mut Model| model.step(hide(x), hide(t)).unwrap(),
        },
        Training {
            state: keep(Regressor::new(Trained::new(*w1, [0.0; 32]), Trained::new(*w2, [0.0; 4]))),
            restart: |model: &mut Regressor| {
                *model = Regressor::new(Trained::new(*w1, [0.0; 32]), Trained::new(*w2, [0.0; 4]));
            },
            step: |model: &mut Regressor| model.step(hide(&x[0]), hide(&t[0])),
        },
    );
    assert_close(&ours.losses(), &plain.losses(), 1e-4);
    assert_close(ours.state.net.0.w.as_flattened(), plain.state.first.net.w.as_flattened(), 1e-3);
    table.row("T4", Work::Mixed, ours, plain);
}

fn training(c: &mut Criterion) {
    let table = &mut Table::new(c, "training");
    t1::<Linear, Logits>(table, "T1");
    t1::<Sigmoid, Probabilities>(table, "T1 on probabilities");
    classifier::<64, 32>(table, "T2");
    classifier::<784, 128>(table, "T3");
    t4(table);
}

criterion_group!(benches, training);
criterion_main!(benches);
