//! Rows I1, I2, I3, I3b2, I3b3 and I3B: inference beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::prelude::*;
use common::rows::{self, pair};
use common::table::{Table, Work};
use common::{Aligned, assert_close, hide, hide_mut, keep, numbers, plain, zeros};
use criterion::{Criterion, criterion_group, criterion_main};

fn i1(table: &mut Table) {
    let ((a, pa), (b, pb)) = (pair::<2, 2, Relu>(1), pair::<2, 1, Sigmoid>(3));
    let (net, twin) = (&*keep(baregrad::Chain(a, b)), &*keep((pa, pb)));
    let x = &*keep([0.3, -0.7]);
    let [scratch] = zeros::<2, 1>();
    let mut ours = |x: &[f32; 2], y: &mut [f32; 1]| net.infer_one(x, y, scratch);
    let plain = |x: &[f32; 2], y: &mut [f32; 1]| {
        let mut h = Aligned([0.0; 2]);
        twin.0.forward(x, &mut h, plain::relu);
        twin.1.forward(&h, y, plain::sigmoid);
    };
    let (y, y_twin) = (keep([0.0]), keep([0.0]));
    ours(x, y);
    plain(x, y_twin);
    assert_close(y, y_twin, 1e-6);
    table.row("I1", Work::Mixed, || ours(hide(x), hide_mut(y)), || plain(hide(x), hide_mut(y_twin)));
}

fn i2(table: &mut Table) {
    let ((a, pa), (b, pb), (c, pc)) = (pair::<16, 64, Tanh>(1), pair::<64, 64, Tanh>(3), pair::<64, 8, Linear>(5));
    let net = &*keep(baregrad::Chain(a, baregrad::Chain(b, c)));
    let twin = &*keep((pa, pb, pc));
    let [x] = &*numbers::<16, 1>(7);
    let [scratch] = zeros::<128, 1>();
    let mut ours = |x: &[f32; 16], y: &mut [f32; 8]| net.infer_one(x, y, scratch);
    let plain = |x: &[f32; 16], y: &mut [f32; 8]| {
        let (mut h, mut g) = (Aligned([0.0; 64]), Aligned([0.0; 64]));
        twin.0.forward(x, &mut h, f32::tanh);
        twin.1.forward(&h, &mut g, f32::tanh);
        twin.2.forward(&g, y, plain::identity);
    };
    let (y, y_twin) = (keep([0.0; 8]), keep([0.0; 8]));
    ours(x, y);
    plain(x, y_twin);
    assert_close(y, y_twin, 1e-5);
    let work = Work::Flops(2 * (16 * 64 + 64 * 64 + 64 * 8));
    table.row("I2", work, || ours(hide(x), hide_mut(y)), || plain(hide(x), hide_mut(y_twin)));
}

fn inference(c: &mut Criterion) {
    let table = &mut Table::new(c, "inference");
    i1(table);
    i2(table);
    rows::inference::<784, 128, 1>(table, "I3");
    rows::inference::<784, 128, 2>(table, "I3b2");
    rows::inference::<784, 128, 3>(table, "I3b3");
    rows::inference::<784, 128, 32>(table, "I3B");
}

criterion_group!(benches, inference);
criterion_main!(benches);
