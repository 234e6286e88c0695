//! The products on machines without vectors: one copy of each for all shapes, on flat slices.
//!
//! If there is an FPU, sixteen sums at a time stay in its registers, so that a number of `x` is loaded once for sixteen
//! products. The order of a sum is the same as in the tiles. Slices are cut with `get`, which cannot panic at any
//! optimisation level.

use super::BLOCK;
use crate::kernels::{no_unrolling, opaque, root::FPU};
use core::iter::Zip;
use core::slice::ChunksExact;

/// `y = x · w + b` for one sample, with `partial` partial sums.
#[inline(never)]
pub(super) fn affine(x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], partial: usize) {
    // Otherwise the compiler would copy the loops for each count that it knows.
    let (columns, partial) = opaque((y.len(), partial.max(1)));
    let (mut x, mut w, mut b) = (x, w, b);
    loop {
        let (block, x_rest) = x.split_at_checked(BLOCK).unwrap_or((x, &[]));
        let (rows, w_rest) = w.split_at_checked(BLOCK * columns).unwrap_or((w, &[]));
        // A step adds one product to each partial sum; the last step may have fewer products.
        let (steps, rows) = (block.chunks_exact(partial.max(1)), rows.chunks_exact((partial * columns).max(1)));
        let last = (steps.remainder(), rows.remainder());
        Steps { full: steps.zip(rows), last, first: b }.add_all(y, columns, partial);
        if x_rest.is_empty() {
            break;
        }
        (x, w, b) = (x_rest, w_rest, &[]);
    }
}

/// One block of a product.
struct Steps<'a> {
    /// Numbers of `x`, and the rows of `w` that they are multiplied with.
    full: Zip<ChunksExact<'a, f32>, ChunksExact<'a, f32>>,
    /// The rest of them, fewer than a step has.
    last: (&'a [f32], &'a [f32]),
    /// The values that the sums of the first block start at.
    first: &'a [f32],
}

impl Steps<'_> {
    /// `y += x · w`
    #[inline(always)]
    fn add_all(&self, y: &mut [f32], columns: usize, partial: usize) {
        for p in 0..partial {
            let (mut y, mut at) = (&mut *y, p * columns);
            while !y.is_empty() {
                let count = self.add_columns(p, at, y);
                y = y.get_mut(count..).unwrap_or_default();
                at += count;
            }
        }
    }

    /// Computes partial sum `p` of as many columns as there are registers for, and returns their number.
    #[inline(always)]
    fn add_columns(&self, p: usize, at: usize, y: &mut [f32]) -> usize {
        if let (true, Some(y)) = (FPU, y.first_chunk_mut::<16>()) {
            return self.add(p, at, y);
        }
        if let Some(y) = y.first_chunk_mut::<4>() {
            self.add(p, at, y)
        } else if let Some(y) = y.first_chunk_mut::<1>() {
            self.add(p, at, y)
        } else {
            1
        }
    }

    #[inline(never)]
    fn add<const N: usize>(&self, p: usize, at: usize, y: &mut [f32; N]) -> usize {
        let first = self.first.get(at..).and_then(<[f32]>::first_chunk).unwrap_or(y);
        let mut sums = *if p == 0 { first } else { &[0.0; N] };
        for (x, w) in self.full.clone() {
            add(x.get(p), w.get(at..), &mut sums);
            no_unrolling();
        }
        add(self.last.0.get(p), self.last.1.get(at..), &mut sums);
        if p > 0 {
            for n in 0..N {
                sums[n] += y[n];
            }
        }
        *y = sums;
        N
    }
}

/// `sums += x · w`; does nothing if one of them is `None`.
#[inline(always)]
fn add<const N: usize>(x: Option<&f32>, w: Option<&[f32]>, sums: &mut [f32; N]) {
    if let (Some(x), Some(w)) = (x, w.and_then(<[f32]>::first_chunk::<N>)) {
        for n in 0..N {
            sums[n] += x * w[n];
        }
    }
}

/// `dx = dy · wᵀ` for one sample, with `partial` partial sums.
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

/// Computes row `input` of `dw = xᵀ · dy`, where a sample of `x` has `inputs` numbers.
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
