//! Rows M8 to M1024 and V64, and the two products of backpropagation: matrices beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::kernels::matmul;
use common::rows::product;
use common::table::{Table, Work};
use common::{assert_close, hide, hide_mut, numbers, plain, zeros};
use criterion::{Criterion, criterion_group, criterion_main};

/// `dx = dy · wᵀ`.
fn input_gradient<const B: usize, const I: usize, const O: usize>(table: &mut Table) {
    let (dy, w) = (&*numbers::<O, B>(1), &*numbers::<O, I>(2));
    let (dx, twin) = (zeros::<I, B>(), zeros::<I, B>());
    matmul::input_gradient(dy, w, dx);
    plain::input_gradient(dy, w, twin);
    assert_close(dx.as_flattened(), twin.as_flattened(), 1e-6 * O as f32);
    table.row(
        &format!("dx of {B}×{I}×{O}"),
        Work::Flops(2 * B * I * O),
        || matmul::input_gradient(hide(dy), hide(w), hide_mut(dx)),
        || plain::input_gradient(hide(dy), hide(w), hide_mut(twin)),
    );
}

/// `dw = xᵀ · dy`.
fn weight_gradient<const B: usize, const I: usize, const O: usize>(table: &mut Table) {
    let (x, dy) = (&*numbers::<I, B>(1), &*numbers::<O, B>(2));
    let (dw, twin) = (zeros::<O, I>(), zeros::<O, I>());
    let ours = |x: &[[f32; I]; B], dy: &[[f32; O]; B], dw: &mut [[f32; O]; I]| {
        matmul::weight_gradient(x, dy, |first, rows| dw[first..][..rows.len()].copy_from_slice(rows));
    };
    ours(x, dy, dw);
    plain::weight_gradient(x, dy, twin);
    assert_close(dw.as_flattened(), twin.as_flattened(), 1e-6 * B as f32);
    table.row(
        &format!("dw of {B}×{I}×{O}"),
        Work::Flops(2 * B * I * O),
        || ours(hide(x), hide(dy), hide_mut(dw)),
        || plain::weight_gradient(hide(x), hide(dy), hide_mut(twin)),
    );
}

fn products(c: &mut Criterion) {
    let table = &mut Table::new(c, "matmul");
    product::<8, 8, 8>(table, "M8");
    product::<16, 16, 16>(table, "M16");
    product::<32, 32, 32>(table, "M32");
    product::<48, 48, 48>(table, "M48");
    product::<64, 64, 64>(table, "M64");
    product::<96, 96, 96>(table, "M96");
    product::<128, 128, 128>(table, "M128");
    product::<192, 192, 192>(table, "M192");
    product::<256, 256, 256>(table, "M256");
    product::<384, 384, 384>(table, "M384");
    product::<512, 512, 512>(table, "M512");
    product::<768, 768, 768>(table, "M768");
    product::<1024, 1024, 1024>(table, "M1024");
    product::<1, 64, 64>(table, "V64");
    product::<32, 64, 32>(table, "32×64×32");
    product::<32, 128, 10>(table, "32×128×10");
    input_gradient::<32, 64, 32>(table);
    input_gradient::<32, 128, 10>(table);
    input_gradient::<128, 128, 128>(table);
    weight_gradient::<32, 64, 32>(table);
    weight_gradient::<32, 128, 10>(table);
    weight_gradient::<128, 128, 128>(table);
}

criterion_group!(benches, products);
criterion_main!(benches);
