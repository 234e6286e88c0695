//! Rows I1, I2, I3 and I3B: inference beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::prelude::*;
use common::table::{Table, Work};
use common::{Aligned, assert_close, hide, hide_mut, keep, numbers, plain, zeros};
use criterion::{Criterion, criterion_group, criterion_main};

/// A layer of ours and its plain twin with the same weights.
fn pair<const I: usize, const O: usize, A: Activation>(seed: u32) -> (Dense<I, O, A>, plain::Dense<I, O>) {
    let scale = 2.0 / (I as f32).sqrt();
    let w = numbers::<O, I>(seed).map(|row| row.map(|w| w * scale));
    let b = numbers::<O, 1>(seed + 1)[0];
    (Dense::from_weights(w, b), plain::Dense { w, b })
}

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

fn i3(table: &mut Table) {
    let ((a, pa), (b, pb)) = (pair::<784, 128, Relu>(1), pair::<128, 10, Softmax>(3));
    let (net, twin) = (&*keep(baregrad::Chain(a, b)), &*keep((pa, pb)));
    let flops = 2 * (784 * 128 + 128 * 10);
    let x = &*numbers::<784, 32>(7);
    let plain = |x: &[f32; 784], y: &mut [f32; 10]| {
        let mut h = Aligned([0.0; 128]);
        twin.0.forward(x, &mut h, plain::relu);
        twin.1.forward(&h, y, plain::identity);
        plain::softmax(y);
    };

    let [scratch] = zeros::<128, 1>();
    let mut ours = |x: &[f32; 784], y: &mut [f32; 10]| net.infer_one(x, y, scratch);
    let (y, y_twin) = (keep([0.0; 10]), keep([0.0; 10]));
    ours(&x[0], y);
    plain(&x[0], y_twin);
    assert_close(y, y_twin, 1e-4);
    table.row("I3", Work::Flops(flops), || ours(hide(&x[0]), hide_mut(y)), || plain(hide(&x[0]), hide_mut(y_twin)));

    let scratch = zeros::<128, 32>().as_flattened_mut();
    let mut ours = |x: &[[f32; 784]; 32], y: &mut [[f32; 10]; 32]| net.infer_batch(x, y, scratch).unwrap();
    let plain = |x: &[[f32; 784]; 32], y: &mut [[f32; 10]; 32]| x.iter().zip(y).for_each(|(x, y)| plain(x, y));
    let (y, y_twin) = (zeros::<10, 32>(), zeros::<10, 32>());
    ours(x, y);
    plain(x, y_twin);
    assert_close(y.as_flattened(), y_twin.as_flattened(), 1e-4);
    table.row("I3B", Work::Flops(32 * flops), || ours(hide(x), hide_mut(y)), || plain(hide(x), hide_mut(y_twin)));
}

fn inference(c: &mut Criterion) {
    let table = &mut Table::new(c, "inference");
    i1(table);
    i2(table);
    i3(table);
}

criterion_group!(benches, inference);
criterion_main!(benches);
