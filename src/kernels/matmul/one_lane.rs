//! The products for machines without vectors: one copy of each for all shapes, on flat slices.
//!
//! Eight sums at a time stay in registers, so that a number of `x` is loaded once for eight products. The order of a sum is
//! that of the tiles. Slices are cut by `get`, which cannot panic at any level of optimisation.

use super::BLOCK;

/// `y = x · w + b` for one sample, from `partial` partial sums.
#[inline(never)]
pub(super) fn affine(x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], partial: usize) {
    let columns = y.len();
    let (eights, rest) = y.as_chunks_mut::<8>();
    let (b_eights, b_rest) = b.as_chunks::<8>();
    let mut w_from = w;
    for (y, b) in eights.iter_mut().zip(b_eights) {
        *y = *b;
        blocks(x, w_from, y, columns, partial);
        w_from = w_from.get(8..).unwrap_or_default();
    }
    let (fours, ones) = rest.as_chunks_mut::<4>();
    let (b_fours, b_ones) = b_rest.as_chunks::<4>();
    for (y, b) in fours.iter_mut().zip(b_fours) {
        *y = *b;
        blocks(x, w_from, y, columns, partial);
        w_from = w_from.get(4..).unwrap_or_default();
    }
    for (y, b) in ones.as_chunks_mut::<1>().0.iter_mut().zip(b_ones) {
        *y = [*b];
        blocks(x, w_from, y, columns, partial);
        w_from = w_from.get(1..).unwrap_or_default();
    }
}

/// `y += x · w` at the first `N` columns of `w`.
#[inline(never)]
fn blocks<const N: usize>(x: &[f32], w: &[f32], y: &mut [f32; N], columns: usize, partial: usize) {
    let (mut x, mut w) = (x, w);
    while !x.is_empty() {
        let (block, rest) = x.split_at_checked(BLOCK).unwrap_or((x, &[]));
        for p in 0..partial {
            let mut sums = if p == 0 { *y } else { [0.0; N] };
            let (x, w) = (block.get(p..).unwrap_or_default(), w.get(p * columns..).unwrap_or_default());
            add(x, w, &mut sums, columns, partial);
            if p > 0 {
                for n in 0..N {
                    sums[n] += y[n];
                }
            }
            *y = sums;
        }
        x = rest;
        w = w.get(BLOCK * columns..).unwrap_or_default();
    }
}

/// One partial sum: every `step`th number of `x` with every `step`th row of `w`.
#[inline(never)]
fn add<const N: usize>(x: &[f32], w: &[f32], y: &mut [f32; N], columns: usize, step: usize) {
    let (mut x, mut w, mut sums) = (x, w, *y);
    let stride = step * columns;
    while let (Some(number), Some(row)) = (x.first(), w.first_chunk::<N>()) {
        for n in 0..N {
            sums[n] += number * row[n];
        }
        match (x.get(step..), w.get(stride..)) {
            (Some(x_rest), Some(w_rest)) => (x, w) = (x_rest, w_rest),
            _ => break,
        }
    }
    *y = sums;
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
