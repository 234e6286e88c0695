//! Products of all small odd shapes beside plain Rust: a mean and the worst, without Criterion, which would take hours.
//!
//! Both sides know the columns and the steps when they are compiled, neither the number of samples. Both are called from two
//! places, and the compiler puts both in line or not as it likes. Ours starts at a bias that the compiler knows to be zero,
//! as plain Rust's sums do. Rows of a few nanoseconds move by some tenths of their time from run to run, on either side.

#[allow(dead_code)]
mod common;

use baregrad::kernels::matmul::{self, Plain};
use common::table::{Table, Work};
use common::{assert_close, hide, hide_mut, numbers, plain, zeros};

const ODD: [usize; 11] = [1, 3, 5, 7, 10, 13, 17, 31, 33, 63, 65];

/// `shape::<K, N>(table)` for all pairs.
macro_rules! shapes {
    ($table:ident: $($k:literal)+) => { $(shapes!(@ $table $k: 1 3 5 7 10 13 17 31 33 63 65);)+ };
    (@ $table:ident $k:literal: $($n:literal)+) => { $(shape::<$k, $n>($table);)+ };
}

/// All batches of one shape.
fn shape<const K: usize, const N: usize>(table: &mut Table) {
    let (x, w) = (&*numbers::<K, 65>(1), &*numbers::<N, K>(2));
    let (y, twin) = (zeros::<N, 65>(), zeros::<N, 65>());
    for m in ODD {
        let (x, y, twin) = (&x[..m], &mut y[..m], &mut twin[..m]);
        matmul::affine(x, w, &[0.0; N], y, &Plain);
        plain::product(x, w, twin);
        assert_close(y.as_flattened(), twin.as_flattened(), 1e-6 * K as f32);
        table.row(
            &format!("{m}×{K}×{N}"),
            Work::Flops(2 * m * K * N),
            || matmul::affine(hide(x), hide(w), &[0.0; N], hide_mut(y), &Plain),
            || plain::product(hide(x), hide(w), hide_mut(twin)),
        );
    }
}

fn main() {
    let table = &mut Table::of_many("shapes");
    shapes!(table: 1 3 5 7 10 13 17 31 33 63 65);
}
