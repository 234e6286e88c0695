//! Products of all small odd shapes beside plain Rust: a mean and the worst, without Criterion, which would take hours.
//!
//! Both sides know the columns and the steps when they are compiled, neither the number of samples. Both are called from two
//! places, and the compiler puts both in line or not as it likes. Ours starts at a bias that the compiler knows to be zero,
//! as plain Rust's sums do. Rows of a few nanoseconds move by some tenths of their time from run to run, on either side.

#[allow(dead_code)]
mod common;

use baregrad::kernels::matmul::{self, Plain};
use common::{assert_close, hide, hide_mut, numbers, plain, table, zeros};

const ODD: [usize; 11] = [1, 3, 5, 7, 10, 13, 17, 31, 33, 63, 65];

/// `shape::<K, N>(ratios)` for all pairs.
macro_rules! shapes {
    ($ratios:ident: $($k:literal)+) => { $(shapes!(@ $ratios $k: 1 3 5 7 10 13 17 31 33 63 65);)+ };
    (@ $ratios:ident $k:literal: $($n:literal)+) => { $(shape::<$k, $n>($ratios);)+ };
}

/// The ratios of all batches of one shape.
fn shape<const K: usize, const N: usize>(ratios: &mut Vec<(f64, String)>) {
    let (x, w) = (&*numbers::<K, 65>(1), &*numbers::<N, K>(2));
    let (y, twin) = (zeros::<N, 65>(), zeros::<N, 65>());
    for m in ODD {
        let (x, y, twin) = (&x[..m], &mut y[..m], &mut twin[..m]);
        matmul::affine(x, w, &[0.0; N], y, &Plain);
        plain::product(x, w, twin);
        assert_close(y.as_flattened(), twin.as_flattened(), 1e-6 * K as f32);
        let times = table::medians(&mut [
            &mut || matmul::affine(hide(x), hide(w), &[0.0; N], hide_mut(y), &Plain),
            &mut || plain::product(hide(x), hide(w), hide_mut(twin)),
        ]);
        let (ours, ratio) = (times[0], times[0] / times[1]);
        ratios.push((ratio, format!("{m} × {K} × {N}: {ours:.1} ns")));
    }
}

fn main() {
    let ratios = &mut Vec::new();
    shapes!(ratios: 1 3 5 7 10 13 17 31 33 63 65);
    ratios.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mean = (ratios.iter().map(|r| r.0.ln()).sum::<f64>() / ratios.len() as f64).exp();
    let slower = ratios.iter().filter(|r| r.0 > 1.05).count();
    println!(
        "\n{} odd shapes: {mean:.3} × plain Rust (geometric mean); {slower} slower by more than 5 %",
        ratios.len()
    );
    for (ratio, shape) in ratios.iter().take(20) {
        println!("| {shape:<24} | {ratio:>5.2} |");
    }
}
