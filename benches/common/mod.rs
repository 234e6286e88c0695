//! What all benches share: rows, their plain twin, and the table of ratios at the end.

pub mod plain;

use criterion::Criterion;
use std::hint::black_box;
use std::time::Instant;

/// Deterministic numbers in [-1, 1).
pub fn numbers<const N: usize, const M: usize>(seed: u32) -> Box<[[f32; N]; M]> {
    let mut state = seed;
    let mut all = vec![[0.0; N]; M];
    for x in all.as_flattened_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = (state >> 8) as f32 / 8_388_608.0 - 1.0;
    }
    all.into_boxed_slice().try_into().unwrap()
}

/// Compares two runs' results, relative to their size.
pub fn assert_close(ours: &[f32], plain: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), plain.len());
    for (i, (a, b)) in ours.iter().zip(plain).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "element {i}: {a} and {b}");
    }
}

/// One row: registers both sides with Criterion, then times them in turn and prints the ratio of their medians.
pub fn row(criterion: &mut Criterion, name: &str, mut ours: impl FnMut(), mut plain: impl FnMut()) {
    let mut group = criterion.benchmark_group(name);
    group.bench_function("baregrad", |b| b.iter(&mut ours));
    group.bench_function("plain", |b| b.iter(&mut plain));
    group.finish();

    let time = |f: &mut dyn FnMut(), calls: u32| {
        let start = Instant::now();
        for _ in 0..calls {
            f();
        }
        start.elapsed().as_nanos() as f64 / f64::from(calls)
    };
    let once = time(&mut plain, 3).max(1.0);
    let calls = (2e5 / once).clamp(1.0, 1e5) as u32;
    let (mut a, mut b): (Vec<f64>, Vec<f64>) =
        (0..101).map(|_| (time(&mut ours, calls), time(&mut plain, calls))).unzip();
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let (a, b) = (a[50], b[50]);
    println!("| {name:<4} | {a:>12.1} ns | {b:>12.1} ns | {:>5.2} × plain Rust |\n", a / b);
}

/// Keeps the compiler from knowing a value.
pub fn hide<T: ?Sized>(value: &T) -> &T {
    black_box(value)
}
