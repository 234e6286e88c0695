//! Rows C1 to C4 and N1 to N3: convolutions and nets of them beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Zero};
use common::nets::{Cnn, Convolution, Depthwise, DsCnn, OnStream, Pointwise, ResNet8, draw, drawn};
use common::plain_convolutions::{PlainCnn, Twin, push};
use common::table::{Table, Work};
use common::timing::Training;
use common::{assert_close, fill, hide, hide_mut, keep, numbers};
use criterion::{Criterion, criterion_group, criterion_main};
use std::slice::from_ref;

fn c1(table: &mut Table) {
    let (net, x) = (drawn::<OnStream>(), numbers::<4, 64>(7));
    let (memory, window) = (keep(OnStream::MEMORY), keep([[0.0; 4]; 5]));
    for (i, x) in x.iter().enumerate() {
        let (y, twin) = (net.push(memory, x), push(window, x, &net.w, &net.b));
        assert_eq!(y.is_some(), i >= 4);
        y.iter().for_each(|y| assert_close(y, &twin, 1e-5));
    }
    let (x, y, twin) = (&x[0], keep(None), keep([0.0; 8]));
    table.row(
        "C1",
        Work::Flops(2 * 5 * 4 * 8),
        || *hide_mut(y) = hide(net).push(memory, hide(x)),
        || *hide_mut(twin) = push(window, hide(x), &hide(net).w, &net.b),
    );
}

/// Inference of one sample.
fn row<N: Twin>(table: &mut Table, name: &str) {
    let (net, x) = (drawn::<N>(), keep(N::Input::ZERO));
    fill(x.flat_mut(), 7);
    let (y, twin) = (keep([N::Y::ZERO]), keep(N::Y::ZERO));
    let (scratch, work) = (numbers::<1, 65_536>(0).as_flattened_mut(), keep(N::Work::ZERO));
    let mut ours = |x: &N::Input, y: &mut [N::Y; 1]| net.infer_batch(from_ref(x), y, scratch).unwrap();
    ours(x, y);
    net.plain(x, twin, work);
    assert_close(y[0].flat(), twin.flat(), 1e-4);
    let mut multiply_adds = 0;
    <N as Layer<N::Input>>::describe(&mut |line| multiply_adds += line.operations);
    let work_of = Work::Flops(2 * multiply_adds);
    table.row(name, work_of, || ours(hide(x), hide_mut(y)), || net.plain(hide(x), hide_mut(twin), work));
}

/// A training step on `B` samples.
fn n3<const B: usize>(table: &mut Table, name: &str) {
    type Model<const B: usize> = Trainer<Cnn, SparseCategoricalCrossEntropy<Logits>, Adam, B>;
    let x: &[Image<28, 28, 1>] = numbers::<1, { 28 * 28 * 32 }>(7).as_chunks().0.as_chunks().0;
    let (x, t) = (&x[..B], &*keep(std::array::from_fn::<u8, B, _>(|i| (i % 10) as u8)));
    let net = drawn();
    let (mut ours, mut plain) = (
        Training {
            state: keep(Model::<B>::untrained(Default::default(), Adam::default())),
            restart: |model: &mut Model<B>| {
                model.set_up(Default::default(), Adam::default());
                draw(&mut model.net);
            },
            step: |model: &mut Model<B>| model.step(hide(x), hide(t)).unwrap(),
        },
        Training {
            state: keep(PlainCnn::new(net)),
            restart: |model: &mut PlainCnn| *model = PlainCnn::new(net),
            step: |model: &mut PlainCnn| model.step(hide(x), hide(t)),
        },
    );
    assert_close(&ours.losses(), &plain.losses(), 1e-3);
    table.row(name, Work::Mixed, ours, plain);
}

fn convolutions(c: &mut Criterion) {
    let table = &mut Table::new(c, "convolutions");
    c1(table);
    row::<Convolution>(table, "C2");
    row::<Depthwise>(table, "C3");
    row::<Pointwise>(table, "C4");
    row::<DsCnn>(table, "N1");
    row::<ResNet8>(table, "N2");
    n3::<32>(table, "N3");
    n3::<1>(table, "N3b1");
}

criterion_group!(benches, convolutions);
criterion_main!(benches);
