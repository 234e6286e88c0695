//! The products for machines without vectors: one copy of each for all shapes, on flat slices.
//!
//! Eight sums at a time stay in registers, so that a number of `x` is loaded once for eight products. The order of a sum is
//! that of the tiles. Slices are cut by `get`, which cannot panic at any level of optimisation.

use super::BLOCK;

/// `y = x · w + b` for one sample, from `partial` partial sums.
#[inline(never)]
pub(super) fn affine(x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], partial: usize) {
    for (y, b) in y.iter_mut().zip(b) {
        *y = *b;
    }
    let columns = y.len();
    let mut w = w;
    for x in x.chunks(BLOCK) {
        let (eights, rest) = y.as_chunks_mut::<8>();
        let (fours, ones) = rest.as_chunks_mut::<4>();
        let mut from = 0;
        for y in eights {
            add_columns(x, w, y, from, columns, partial);
            from += 8;
        }
        for y in fours {
            add_columns(x, w, y, from, columns, partial);
            from += 4;
        }
        for y in ones.as_chunks_mut::<1>().0 {
            add_columns(x, w, y, from, columns, partial);
            from += 1;
        }
        w = w.get(BLOCK * columns..).unwrap_or_default();
    }
}

/// `y += x · w` at the `N` columns from `from` on.
#[inline(always)]
fn add_columns<const N: usize>(x: &[f32], w: &[f32], y: &mut [f32; N], from: usize, columns: usize, partial: usize) {
    let mut total = *y;
    for p in 0..partial {
        let mut sums = if p == 0 { total } else { [0.0; N] };
        let (mut k, mut at) = (p, p * columns + from);
        while let (Some(x), Some(w)) = (x.get(k), w.get(at..).and_then(|w| w.first_chunk::<N>())) {
            for n in 0..N {
                sums[n] += x * w[n];
            }
            k += partial;
            at += partial * columns;
        }
        for n in 0..N {
            total[n] = if p == 0 { sums[n] } else { total[n] + sums[n] };
        }
    }
    *y = total;
}

/// `dx = dy · wᵀ` for one sample, from `partial` partial sums.
#[inline(never)]
pub(super) fn input_gradient(dy: &[f32], w: &[f32], dx: &mut [f32], partial: usize) {
    let mut w = w;
    for dx in dx {
        let (row, rest) = w.split_at_checked(dy.len()).unwrap_or_default();
        *dx = 0.0;
        for start in (0..dy.len()).step_by(BLOCK) {
            for p in 0..partial {
                let mut sum = if p == 0 { *dx } else { 0.0 };
                let mut k = start + p;
                while let (true, Some(dy), Some(w)) = (k < start + BLOCK, dy.get(k), row.get(k)) {
                    sum += dy * w;
                    k += partial;
                }
                *dx = if p == 0 { sum } else { *dx + sum };
            }
        }
        w = rest;
    }
}

/// Row `input` of `dw = xᵀ · dy`, where samples of `x` have `inputs` numbers.
#[inline(never)]
pub(super) fn weight_gradient_row(input: usize, inputs: usize, x: &[f32], dy: &[f32], row: &mut [f32]) {
    for row in row.iter_mut() {
        *row = 0.0;
    }
    let (mut at, mut dy) = (input, dy);
    while let (Some(x), Some((sample, rest))) = (x.get(at), dy.split_at_checked(row.len())) {
        for (row, dy) in row.iter_mut().zip(sample) {
            *row += x * dy;
        }
        at += inputs;
        dy = rest;
    }
}
