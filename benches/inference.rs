//! Rows I1, I2, I3 and I3B: inference beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::prelude::*;
use common::{Table, assert_close, hide, numbers, plain};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// A layer of ours and its plain twin with the same weights.
fn pair<const I: usize, const O: usize, A: Activation>(seed: u32) -> (Dense<I, O, A>, plain::Dense<I, O>) {
    let scale = 2.0 / (I as f32).sqrt();
    let w = numbers::<O, I>(seed).map(|row| row.map(|w| w * scale));
    let b = numbers::<O, 1>(seed + 1)[0];
    (Dense::from_weights(w, b), plain::Dense { w, b })
}

fn i1(table: &mut Table) {
    let ((a, pa), (b, pb)) = (pair::<2, 2, Relu>(1), pair::<2, 1, Sigmoid>(3));
    let net = baregrad::Chain(a, b);
    let x = [0.3, -0.7];
    let plain = |x: &[f32; 2]| {
        let (mut h, mut y) = ([0.0; 2], [0.0; 1]);
        pa.forward(x, &mut h, plain::relu);
        pb.forward(&h, &mut y, plain::sigmoid);
        y
    };
    let ours = |x: &[f32; 2]| {
        let mut y = [0.0; 1];
        net.infer_one(x, &mut y, &mut [0.0; 2]);
        y
    };
    assert_close(&ours(&x), &plain(&x), 1e-6);
    table.row("I1", 0.0, || _ = black_box(ours(hide(&x))), || _ = black_box(plain(hide(&x))));
}

fn i2(table: &mut Table) {
    let ((l1, p1), (l2, p2), (l3, p3)) = (pair::<16, 64, Tanh>(1), pair::<64, 64, Tanh>(3), pair::<64, 8, Linear>(5));
    let net = baregrad::Chain(l1, baregrad::Chain(l2, l3));
    let x = numbers::<16, 1>(7)[0];
    let plain = |x: &[f32; 16]| {
        let (mut h, mut g, mut y) = ([0.0; 64], [0.0; 64], [0.0; 8]);
        p1.forward(x, &mut h, f32::tanh);
        p2.forward(&h, &mut g, f32::tanh);
        p3.forward(&g, &mut y, plain::identity);
        y
    };
    let ours = |x: &[f32; 16]| {
        let mut y = [0.0; 8];
        net.infer_one(x, &mut y, &mut [0.0; 128]);
        y
    };
    assert_close(&ours(&x), &plain(&x), 1e-5);
    table.row(
        "I2",
        (2 * (16 * 64 + 64 * 64 + 64 * 8)) as f64,
        || _ = black_box(ours(hide(&x))),
        || _ = black_box(plain(hide(&x))),
    );
}

fn i3(table: &mut Table) {
    let ((a, pa), (b, pb)) = (pair::<784, 128, Relu>(1), pair::<128, 10, Softmax>(3));
    let net = Box::new(baregrad::Chain(a, b));
    let (pa, pb) = (Box::new(pa), Box::new(pb));
    let x = numbers::<784, 32>(7);
    let plain = |x: &[f32; 784]| {
        let (mut h, mut y) = ([0.0; 128], [0.0; 10]);
        pa.forward(x, &mut h, plain::relu);
        pb.forward(&h, &mut y, plain::identity);
        plain::softmax(&mut y);
        y
    };
    let ours = |x: &[f32; 784]| {
        let mut y = [0.0; 10];
        net.infer_one(x, &mut y, &mut [0.0; 128]);
        y
    };
    assert_close(&ours(&x[0]), &plain(&x[0]), 1e-4);
    table.row(
        "I3",
        (2 * (784 * 128 + 128 * 10)) as f64,
        || _ = black_box(ours(hide(&x[0]))),
        || _ = black_box(plain(hide(&x[0]))),
    );

    let mut scratch = vec![0.0; 128 * 32];
    let mut y = [[0.0; 10]; 32];
    let mut ours = |x: &[[f32; 784]; 32]| {
        net.infer_batch(x, &mut y, &mut scratch).unwrap();
        y
    };
    let plain = |x: &[[f32; 784]; 32]| x.each_ref().map(plain);
    assert_close(ours(&x).as_flattened(), plain(&x).as_flattened(), 1e-4);
    table.row(
        "I3B",
        (32 * 2 * (784 * 128 + 128 * 10)) as f64,
        || _ = black_box(ours(hide(&x))),
        || _ = black_box(plain(hide(&x))),
    );
}

fn inference(c: &mut Criterion) {
    let mut table = Table::new(c, "inference");
    i1(&mut table);
    i2(&mut table);
    i3(&mut table);
}

criterion_group!(benches, inference);
criterion_main!(benches);
