//! Rows M8 to M1024 and V64: products of matrices beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::kernels::matmul::{self, Plain};
use common::{Table, assert_close, hide, numbers, plain};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// `M` samples times `K × N`.
fn product<const M: usize, const K: usize, const N: usize>(table: &mut Table, name: &str) {
    let (x, w) = (numbers::<K, M>(1), numbers::<N, K>(2));
    let (mut y, mut twin) = (numbers::<N, M>(3), numbers::<N, M>(4));
    matmul::affine(&*x, &w, &[0.0; N], &mut *y, &Plain);
    plain::product(&*x, &w, &mut *twin);
    assert_close(y.as_flattened(), twin.as_flattened(), 1e-6 * K as f32);
    table.row(
        name,
        (2 * M * K * N) as f64,
        || matmul::affine(hide(&*x), hide(&w), &[0.0; N], black_box(&mut *y), &Plain),
        || plain::product(hide(&*x), hide(&w), black_box(&mut *twin)),
    );
}

fn square(c: &mut Criterion) {
    let mut table = Table::new(c, "matmul");
    product::<8, 8, 8>(&mut table, "M8");
    product::<16, 16, 16>(&mut table, "M16");
    product::<32, 32, 32>(&mut table, "M32");
    product::<64, 64, 64>(&mut table, "M64");
    product::<128, 128, 128>(&mut table, "M128");
    product::<256, 256, 256>(&mut table, "M256");
    product::<1024, 1024, 1024>(&mut table, "M1024");
    product::<1, 64, 64>(&mut table, "V64");
    product::<32, 128, 10>(&mut table, "32×128×10");
}

criterion_group!(benches, square);
criterion_main!(benches);
