//! Rows T1, T1p, T2, T2b1, T3 and T4: training beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::activations::Activation;
use baregrad::losses::{Loss, Probabilities};
use baregrad::prelude::*;
use common::plain::{Regressor, Trained};
use common::rows::{classifier, weights};
use common::table::{Table, Work};
use common::timing::Training;
use common::{Aligned, assert_close, hide, keep, numbers, plain};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// Row T1, the seed's script. There Keras takes the logits behind the sigmoid, and so does plain Rust, whose gradient is σ − t:
/// their twin is the form on `Logits`. Row T1p, on probabilities, goes through the slopes of loss and sigmoid one by one.
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
    t1::<Sigmoid, Probabilities>(table, "T1p");
    classifier::<64, 32, 32>(table, "T2");
    classifier::<64, 32, 1>(table, "T2b1");
    classifier::<784, 128, 32>(table, "T3");
    t4(table);
}

criterion_group!(benches, training);
criterion_main!(benches);
