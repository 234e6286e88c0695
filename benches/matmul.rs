//! Rows M8 to M1024 and V64: products of matrices beside plain Rust, and all small odd shapes.

#[allow(dead_code)]
mod common;

use baregrad::kernels::matmul::{self, Plain};
use common::{Table, assert_close, hide, numbers, table};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// `y = x · w`, as Rust has it: the compiler knows the shapes of both sides, the number of samples of neither.
fn plain<const K: usize, const N: usize>(x: &[[f32; K]], w: &[[f32; N]; K], y: &mut [[f32; N]]) {
    for (x, y) in x.iter().zip(y) {
        let mut sum = [0.0; N];
        for k in 0..K {
            for n in 0..N {
                sum[n] += x[k] * w[k][n];
            }
        }
        *y = sum;
    }
}

fn affine<const K: usize, const N: usize>(x: &[[f32; K]], w: &[[f32; N]; K], y: &mut [[f32; N]]) {
    matmul::affine(x, w, &[0.0; N], y, &Plain);
}

/// `M` samples times `K × N`.
fn product<const M: usize, const K: usize, const N: usize>(table: &mut Table, name: &str) {
    let (x, w) = (numbers::<K, M>(1), numbers::<N, K>(2));
    let (mut y, mut twin) = (numbers::<N, M>(3), numbers::<N, M>(4));
    affine(&*x, &w, &mut *y);
    plain(&*x, &w, &mut *twin);
    assert_close(y.as_flattened(), twin.as_flattened(), 1e-6 * K as f32);
    table.row(
        name,
        (2 * M * K * N) as f64,
        || affine(hide(&*x), hide(&w), black_box(&mut *y)),
        || plain(hide(&*x), hide(&w), black_box(&mut *twin)),
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

const ODD: [usize; 11] = [1, 3, 5, 7, 10, 13, 17, 31, 33, 63, 65];

/// `shape::<K, N>(ratios)` for all pairs.
macro_rules! shapes {
    ($ratios:ident: $($k:literal)+) => { $(shapes!(@ $ratios $k: 1 3 5 7 10 13 17 31 33 63 65);)+ };
    (@ $ratios:ident $k:literal: $($n:literal)+) => { $(shape::<$k, $n>($ratios);)+ };
}

/// The ratios of all batches of one shape.
fn shape<const K: usize, const N: usize>(ratios: &mut Vec<(f64, String)>) {
    let (x, w) = (numbers::<K, 65>(1), numbers::<N, K>(2));
    let (mut y, mut twin) = (numbers::<N, 65>(3), numbers::<N, 65>(4));
    for m in ODD {
        let (x, y, twin) = (&x[..m], &mut y[..m], &mut twin[..m]);
        affine(x, &w, y);
        plain(x, &w, twin);
        assert_close(y.as_flattened(), twin.as_flattened(), 1e-6 * K as f32);
        let [ours, plain] = table::medians([&mut || affine(hide(x), hide(&w), black_box(y)), &mut || {
            plain(hide(x), hide(&w), black_box(twin))
        }]);
        ratios.push((ours / plain, format!("{m} × {K} × {N}: {ours:.1} ns")));
    }
}

/// All (m, k, n) of small odd sizes: not for Criterion, which would take hours.
fn odd(_: &mut Criterion) {
    let ratios = &mut Vec::new();
    shapes!(ratios: 1 3 5 7 10 13 17 31 33 63 65);
    ratios.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mean = (ratios.iter().map(|r| r.0.ln()).sum::<f64>() / ratios.len() as f64).exp();
    let slower = ratios.iter().filter(|r| r.0 > 1.05).count();
    println!(
        "\n{} odd shapes: {mean:.3} × plain Rust (geometric mean); {slower} slower by more than 5 %",
        ratios.len()
    );
    for (ratio, shape) in ratios.iter().take(if std::env::var_os("ALL").is_some() { 2000 } else { 20 }) {
        println!("| {shape:<24} | {ratio:>5.2} |");
    }
}

criterion_group!(benches, square, odd);
criterion_main!(benches);
