//! The products on machines without vectors: one copy of each for all shapes, on flat slices.
//!
//! If there is an FPU, sixteen sums at a time stay in its registers, so that a number of `x` is loaded once for sixteen
//! products. The order of a sum is the same as in the tiles. Slices are cut with `get`, which cannot panic at any
//! optimisation level.

use super::BLOCK;
use crate::kernels::four::{Four, OneLane, REGISTERS};
use crate::kernels::lanes::add_multiples;
use crate::kernels::machine::Build;
use crate::kernels::{no_unrolling, opaque, written_out};

/// `y = x · w + b` for one sample, with `partial` partial sums.
#[inline(always)]
pub(in crate::kernels) fn affine(x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], partial: usize) {
    match partial {
        4 => affine_in::<4>(x, w, b, y),
        2 => affine_in::<2>(x, w, b, y),
        _ => affine_in::<1>(x, w, b, y),
    }
}

#[inline(never)]
fn affine_in<const P: usize>(x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
    // Otherwise the compiler would copy the loops for each count that it knows.
    let columns = opaque(y.len());
    let (mut x, mut w, mut first) = (x, w, b);
    loop {
        let (block, rest) = x.split_at_checked(BLOCK).unwrap_or((x, &[]));
        Steps { x: block, x_step: P, w, columns, first, apart: false }.add_all::<P>(y);
        if rest.is_empty() {
            break;
        }
        (x, w, first) = (rest, w.get(BLOCK * columns..).unwrap_or_default(), &[]);
    }
}

/// Computes row `input` of `dw = xᵀ · dy`, where a sample of `x` has `inputs` numbers.
#[inline(never)]
pub(super) fn weight_gradient_row(input: usize, inputs: usize, x: &[f32], dy: &[f32], row: &mut [f32]) {
    row.fill(0.0);
    let (x, columns) = (x.get(input..).unwrap_or_default(), row.len());
    Steps { x, x_step: inputs, w: dy, columns, first: &[], apart: false }.add_all::<1>(row);
}

/// `y += x · w` for one sample: a single sum, which starts at 0.
#[inline(never)]
pub(in crate::kernels) fn add_product(x: &[f32], w: &[f32], y: &mut [f32]) {
    Steps { x, x_step: 1, w, columns: y.len(), first: &[], apart: true }.add_all::<1>(y);
}

/// The steps of a product: the rows of `w`, `P` at a time, times the `P` numbers of `x` at 0, `x_step`, 2 · `x_step`, …
struct Steps<'a> {
    x: &'a [f32],
    x_step: usize,
    w: &'a [f32],
    columns: usize,
    /// The values that the sums start at; if it is empty, they start at `y`.
    first: &'a [f32],
    /// Whether the sums start at 0 instead, and are then added to `y`.
    apart: bool,
}

impl Steps<'_> {
    /// Computes all columns, with `P` partial sums: as many at a time as there are registers for.
    #[inline(always)]
    fn add_all<const P: usize>(&self, y: &mut [f32]) {
        let (mut at, columns) = (0, y.len());
        while at < columns {
            // The last few are computed together with some before them: once more, and with the same result.
            if REGISTERS && self.first.len() >= 4 && columns - at < 4 {
                at = columns - 4;
            }
            let y = y.get_mut(at..).unwrap_or_default();
            if let (true, Some(y)) = (REGISTERS, y.first_chunk_mut()) {
                if P == 1 {
                    self.add::<1, Four, 4, 4, 16>(at, y)
                } else {
                    self.add_one_by_one::<P>(at, y)
                }
                at += 16;
            } else if let (true, Some(y)) = (REGISTERS || P == 1, y.first_chunk_mut()) {
                self.add::<P, Four, 1, 4, 4>(at, y);
                at += 4;
            } else if let Some(y) = y.first_chunk_mut() {
                self.add::<P, f32, 1, 1, 1>(at, y);
                at += 1;
            } else {
                break;
            }
        }
    }

    /// Computes sixteen columns, one partial sum after another: all of them have no room in the registers.
    #[inline(never)]
    fn add_one_by_one<const P: usize>(&self, at: usize, y: &mut [f32; 16]) {
        for p in 0..P {
            Steps {
                x: self.x.get(p..).unwrap_or_default(),
                w: self.w.get(p * self.columns..).unwrap_or_default(),
                columns: P * self.columns,
                apart: p > 0,
                ..*self
            }
            .add::<1, Four, 4, 4, 16>(at, y);
            no_unrolling();
        }
    }

    /// Computes `N` columns, from column `at` on, in `C` vectors of `L` lanes.
    #[inline(never)]
    fn add<const P: usize, V: OneLane, const C: usize, const L: usize, const N: usize>(
        &self,
        at: usize,
        y: &mut [f32; N],
    ) {
        let mut sums = const { [[V::ZERO; C]; P] };
        if !self.apart {
            sums[0] = load::<V, C, L, N>(self.first.get(at..).and_then(<[f32]>::first_chunk).unwrap_or(y));
        }
        // The last place where a row can begin: one comparison per row.
        let Some(last) = self.w.len().checked_sub(N) else { return };
        let (mut x, mut row) = (self.x, at);
        'steps: loop {
            written_out!(p in P {
                let (true, Some(x)) = (row <= last, x.get(p)) else { break 'steps };
                let Some(w) = self.w.get(row..).and_then(<[f32]>::first_chunk) else { break 'steps };
                let (x, w) = (V::broadcast(Build, *x), load::<V, C, L, N>(w));
                add_multiples(x, &w, &mut sums[p]);
                row += self.columns;
            });
            let Some(rest) = x.get(self.x_step..) else { break };
            x = rest;
            no_unrolling();
        }
        if self.apart {
            let old = load::<V, C, L, N>(y);
            written_out!(c in C {
                sums[0][c] = sums[0][c] + old[c];
            });
        }
        let y = y.as_chunks_mut::<L>().0;
        written_out!(c in C {
            let mut sum = sums[0][c];
            written_out!(p in P {
                if p > 0 {
                    sum = sum + sums[p][c];
                }
            });
            sum.store(&mut y[c]);
        });
    }
}

/// `N` numbers in `P` vectors of `L` lanes.
#[inline(always)]
pub(in crate::kernels) fn load<V: OneLane, const P: usize, const L: usize, const N: usize>(
    values: &[f32; N],
) -> [V; P] {
    let values = values.as_chunks::<L>().0;
    let mut vectors = const { [V::ZERO; P] };
    written_out!(i in P {
        vectors[i] = V::load(Build, &values[i]);
    });
    vectors
}

/// `dx = dy · wᵀ` for one sample, with `partial` partial sums.
#[inline(always)]
pub(super) fn input_gradient(dy: &[f32], w: &[f32], dx: &mut [f32], partial: usize) {
    match partial {
        4 => input_gradient_in::<4, SET>(dy, w, dx),
        2 => input_gradient_in::<2, SET>(dy, w, dx),
        _ => input_gradient_in::<1, SET>(dy, w, dx),
    }
}

/// `dx += dy · wᵀ` for one sample: a single sum, which starts at `dx`.
#[inline(always)]
pub(in crate::kernels) fn add_input_gradient(dy: &[f32], w: &[f32], dx: &mut [f32]) {
    input_gradient_in::<1, CONTINUE>(dy, w, dx);
}

/// `dx += dy · wᵀ` for one sample: a single sum, which starts at 0.
#[inline(always)]
pub(in crate::kernels) fn add_product_back(dy: &[f32], w: &[f32], dx: &mut [f32]) {
    input_gradient_in::<1, ADD>(dy, w, dx);
}

/// What becomes of the numbers that are there: the sum replaces them, starts at them, or is added to them.
const SET: usize = 0;
const CONTINUE: usize = 1;
const ADD: usize = 2;

#[inline(never)]
fn input_gradient_in<const P: usize, const OLD: usize>(dy: &[f32], w: &[f32], dx: &mut [f32]) {
    let mut w = w;
    let (fours, ones) = dx.as_chunks_mut::<4>();
    for four in fours {
        let rows = (row(&mut w, dy), row(&mut w, dy), row(&mut w, dy), row(&mut w, dy));
        let (Some(a), Some(b), Some(c), Some(d)) = rows else { return };
        sum_to::<P, OLD, Four, 4>([a, b, c, d], dy, four);
        no_unrolling();
    }
    for one in ones {
        let Some(row) = row(&mut w, dy) else { return };
        sum_to::<P, OLD, f32, 1>([row], dy, core::array::from_mut(one));
        no_unrolling();
    }
}

/// The sums of `dy` times each row.
#[inline(always)]
fn sum_to<const P: usize, const OLD: usize, V: OneLane, const L: usize>(
    rows: [&[f32]; L],
    dy: &[f32],
    to: &mut [f32; L],
) {
    let first = if OLD == CONTINUE { V::load(Build, to) } else { V::ZERO };
    let sum = dots::<P, V, L>(first, rows, dy);
    (if OLD == ADD { sum + V::load(Build, to) } else { sum }).store(to);
}

/// Splits a row, which is as long as `dy`, off the weights.
#[inline(always)]
fn row<'a>(w: &mut &'a [f32], dy: &[f32]) -> Option<&'a [f32]> {
    let (row, rest) = w.split_at_checked(dy.len())?;
    *w = rest;
    Some(row)
}

/// The sums of `dy` times each row, with `P` partial sums, of which the first starts at `first`.
#[inline(always)]
fn dots<const P: usize, V: OneLane, const L: usize>(first: V, rows: [&[f32]; L], dy: &[f32]) -> V {
    let mut total = first;
    let mut start = 0;
    while start < dy.len() {
        let end = if P == 1 { dy.len() } else { dy.len().min(start + BLOCK) };
        written_out!(p in P {
            let mut sum = if p == 0 { total } else { V::ZERO };
            let mut k = start + p;
            while let (true, Some(dy)) = (k < end, dy.get(k)) {
                let mut column = [0.0; L];
                written_out!(i in L {
                    column[i] = rows[i].get(k).copied().unwrap_or(0.0);
                });
                sum = V::broadcast(Build, *dy).mul_add(V::load(Build, &column), sum);
                k += P;
                no_unrolling();
            }
            total = if p == 0 { sum } else { total + sum };
        });
        start = end;
    }
    total
}
