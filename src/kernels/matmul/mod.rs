//! The three products of a dense layer: `y = x·w + b`, `dx = dy·wᵀ` and `dw = xᵀ·dy`.
//!
//! # The tile
//!
//! All three are one loop. Each of its steps takes `MR` numbers to broadcast and a row to stream, and adds their outer
//! product to a block of `MR × NV` vectors that stays in registers until the loop ends:
//!
//! ```text
//!                 row[cols]  ──►  v0   v1
//!            a0  ──►            acc00 acc01      acc[r][v] += a[r] · row[v]
//!            a1  ──►            acc10 acc11
//! ```
//!
//! A multiply-add takes 4 cycles and two start in each, so fewer than 8 accumulators leave the machine idle; and a step
//! loads `MR + NV` vectors for `MR · NV` multiply-adds, so tiles are as square as the registers allow (`tile_rows`).
//!
//! | product | step | broadcast | streamed row |
//! |---|---|---|---|
//! | `x·w` | input `k` | `x[r][k]` of `MR` samples | `w[k]` |
//! | `dy·wᵀ` | output `k` | `dy[r][k]` of `MR` samples | column `k` of `w`, copied out of the way once a batch |
//! | `xᵀ·dy` | sample `k` | `x[k][i]` of `MR` inputs | `dy[k]` |
//!
//! The vectors of a tile need not lie on multiples of their width: the last one is moved back until it ends with the
//! row, and computes a few elements twice. No element takes another path than its neighbours.
//!
//! # The order of a sum
//!
//! A sum over `K` steps is made of `P =` [`partial_sums`] interleaved ones (step `k` goes to partial sum `k mod P`), each
//! started at 0, the first at the bias, and added in order; then the partial sums are added in order. One sample alone keeps
//! all partial sums in registers, which gives it the independent accumulators that a single row lacks; a batch makes
//! one partial sum after the other. `P` depends on the shape alone, so both give the same bits. `xᵀ·dy` has one.

use super::Lanes;
use super::lanes::NATIVE;
use wide::{f32x4, f32x8, f32x16};

mod input_gradient;
mod weight_gradient;

pub use input_gradient::input_gradient;
pub use weight_gradient::{column_sums, weight_gradient};

/// How many partial sums a product over `k` steps with `n` columns is made of.
pub const fn partial_sums(k: usize, n: usize) -> usize {
    match (k, n) {
        (..32, _) => 1,
        (_, ..=32) => 4,
        (_, ..=64) => 2,
        _ => 1,
    }
}

/// Lanes of the widest vector that the machine has and `n` columns fill; 2 and 3 are padded to 4.
const fn lanes_for(n: usize) -> usize {
    match n {
        16.. if NATIVE >= 16 => 16,
        8.. if NATIVE >= 8 => 8,
        2.. if NATIVE >= 4 => 4,
        _ => 1,
    }
}

/// Samples a tile, by vectors a row: 16 accumulators with 32 registers, 8 with 16.
const fn tile_rows(nv: usize) -> usize {
    match (NATIVE, nv) {
        (16, 1 | 2) | (_, 1) => 8,
        (16, _) | (_, 2) => 4,
        _ => 2,
    }
}

/// What becomes of a finished sum, while it is still in a register.
pub trait Epilogue {
    /// The value to store.
    fn finish<V: Lanes>(&self, sum: V) -> V;
}

/// Stores the sum itself.
pub struct Plain;

impl Epilogue for Plain {
    #[inline(always)]
    fn finish<V: Lanes>(&self, sum: V) -> V {
        sum
    }
}

/// `y = epilogue(x · w + b)`: `x` is `[samples][I]`, `w` `[I][O]`, `y` `[samples][O]`.
#[inline]
pub fn affine<const I: usize, const O: usize, E: Epilogue>(
    x: &[[f32; I]],
    w: &[[f32; O]; I],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    match const { lanes_for(O) } {
        16 => product::<f32x16, I, O, E>(x, w.as_slice(), b, y, epilogue),
        8 => product::<f32x8, I, O, E>(x, w.as_slice(), b, y, epilogue),
        4 => product::<f32x4, I, O, E>(x, w.as_slice(), b, y, epilogue),
        _ => product::<f32, I, O, E>(x, w.as_slice(), b, y, epilogue),
    }
}

/// All tiles of `epilogue(a · rows + bias)`, where `a` is `[samples][K]` and `rows` are `K` rows of `N`: a few vectors of
/// columns at a time, for all samples.
#[inline(always)]
fn product<V: Lanes, const K: usize, const N: usize, E: Epilogue>(
    a: &[[f32; K]],
    rows: &[[f32; N]],
    bias: &[f32; N],
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    let samples = a.len() - a.len() % const { tile_rows(tile_vectors::<V>(N)) };
    let (batch, single) = a.split_at(samples);
    let (out_batch, out_single) = out.split_at_mut_checked(samples).unwrap_or_default();
    if !batch.is_empty() {
        let group = const { tile_vectors::<V>(N) };
        for first in (0..const { N.div_ceil(V::LANES) }).step_by(group) {
            match group {
                1 => tiles::<V, 1, K, N, E>(batch, rows, bias, out_batch, first, epilogue),
                2 => tiles::<V, 2, K, N, E>(batch, rows, bias, out_batch, first, epilogue),
                3 => tiles::<V, 3, K, N, E>(batch, rows, bias, out_batch, first, epilogue),
                _ => tiles::<V, 4, K, N, E>(batch, rows, bias, out_batch, first, epilogue),
            }
        }
    }
    // Weights that come from L2 come at full speed in half vectors only, unless they happen to lie on whole cache lines.
    let halves = const { V::LANES == 16 && K * N > 8192 };
    for (a, out) in single.iter().zip(out_single) {
        match (const { partial_sums(K, N) }, halves) {
            (4, false) => one_sample::<V, 4, 2, K, N, E>(a, rows, bias, out, epilogue),
            (2, false) => one_sample::<V, 2, 4, K, N, E>(a, rows, bias, out, epilogue),
            (_, false) => one_sample::<V, 1, 8, K, N, E>(a, rows, bias, out, epilogue),
            (4, true) => one_sample::<f32x8, 4, 4, K, N, E>(a, rows, bias, out, epilogue),
            (2, true) => one_sample::<f32x8, 2, 8, K, N, E>(a, rows, bias, out, epilogue),
            (_, true) => one_sample::<f32x8, 1, 16, K, N, E>(a, rows, bias, out, epilogue),
        }
    }
}

/// Vectors of columns a tile: at most four, in even groups (11 + 11 + 10 columns rather than 16 + 16 + 0).
const fn tile_vectors<V: Lanes>(n: usize) -> usize {
    let vectors = n.div_ceil(V::LANES);
    vectors.div_ceil(vectors.div_ceil(4))
}

/// Where the `NV` vectors from the `first` on start: side by side, moved back as far as the row's end asks for. Where all of
/// them together are wider than the row, the last alone is moved.
#[inline(always)]
fn columns<V: Lanes, const NV: usize, const N: usize>(first: usize) -> [usize; NV] {
    match N.checked_sub(NV * V::LANES) {
        Some(last) => core::array::from_fn(|v| (first * V::LANES).min(last) + v * V::LANES),
        None => core::array::from_fn(|v| (v * V::LANES).min(N.saturating_sub(V::LANES))),
    }
}

/// Tiles of some samples, at the columns of `NV` vectors.
#[inline(always)]
fn tiles<V: Lanes, const NV: usize, const K: usize, const N: usize, E: Epilogue>(
    a: &[[f32; K]],
    rows: &[[f32; N]],
    bias: &[f32; N],
    out: &mut [[f32; N]],
    first: usize,
    epilogue: &E,
) {
    match const { tile_rows(NV) } {
        8 => tiles_of::<V, 8, NV, K, N, E>(a, rows, bias, out, columns::<V, NV, N>(first), epilogue),
        4 => tiles_of::<V, 4, NV, K, N, E>(a, rows, bias, out, columns::<V, NV, N>(first), epilogue),
        _ => tiles_of::<V, 2, NV, K, N, E>(a, rows, bias, out, columns::<V, NV, N>(first), epilogue),
    }
}

/// Tiles of `MR` samples.
#[inline(always)]
fn tiles_of<V: Lanes, const MR: usize, const NV: usize, const K: usize, const N: usize, E: Epilogue>(
    a: &[[f32; K]],
    rows: &[[f32; N]],
    bias: &[f32; N],
    out: &mut [[f32; N]],
    cols: [usize; NV],
    epilogue: &E,
) {
    let partial = const { partial_sums(K, N) };
    let bias = cols.map(|c| V::load(bias.get(c..).unwrap_or_default()));
    for (a, out) in a.as_chunks::<MR>().0.iter().zip(out.as_chunks_mut::<MR>().0) {
        let mut total = tile::<V, MR, NV, N>(rows, 0, partial, K, cols, bias, |k| a.each_ref().map(|a| a[k]));
        for p in 1..partial {
            let sums =
                tile::<V, MR, NV, N>(rows, p, partial, K, cols, [V::splat(0.0); NV], |k| a.each_ref().map(|a| a[k]));
            for r in 0..MR {
                for v in 0..NV {
                    total[r][v] = total[r][v] + sums[r][v];
                }
            }
        }
        for (out, total) in out.iter_mut().zip(&total) {
            store_row(total, cols, out, epilogue);
        }
    }
}

/// The tile: `acc[r][v] = first[v] + Σ a(k)[r] · rows[k][cols[v]..]` over `k = start, start + step, … < end`.
#[inline(always)]
fn tile<V: Lanes, const MR: usize, const NV: usize, const N: usize>(
    rows: &[[f32; N]],
    start: usize,
    step: usize,
    end: usize,
    cols: [usize; NV],
    first: [V; NV],
    a: impl Fn(usize) -> [f32; MR],
) -> [[V; NV]; MR] {
    let mut acc = [first; MR];
    let end = end.min(rows.len());
    let mut k = start;
    while k < end {
        let row = cols.map(|c| V::load(rows[k].get(c..).unwrap_or_default()));
        for (acc, a) in acc.iter_mut().zip(a(k)) {
            for (acc, row) in acc.iter_mut().zip(row) {
                *acc = V::splat(a).mul_add(row, *acc);
            }
        }
        k += step;
    }
    acc
}

/// One sample, in groups of at most `MAX` vectors of columns, so that `P · MAX` accumulators are busy.
#[inline(always)]
fn one_sample<V: Lanes, const P: usize, const MAX: usize, const K: usize, const N: usize, E: Epilogue>(
    a: &[f32; K],
    rows: &[[f32; N]],
    bias: &[f32; N],
    out: &mut [f32; N],
    epilogue: &E,
) {
    let vectors = const { N.div_ceil(V::LANES) };
    let mut first = 0;
    while first < vectors {
        let rest = (vectors - first).min(MAX).max(1);
        match rest {
            16.. if P == 1 => pair::<V, 8, K, N, E>(a, rows, bias, out, first, epilogue),
            8.. => group::<V, P, 8, K, N, E>(a, rows, bias, out, columns::<V, 8, N>(first), epilogue),
            4.. => group::<V, P, 4, K, N, E>(a, rows, bias, out, columns::<V, 4, N>(first), epilogue),
            2.. => group::<V, P, 2, K, N, E>(a, rows, bias, out, columns::<V, 2, N>(first), epilogue),
            _ => group::<V, P, 1, K, N, E>(a, rows, bias, out, columns::<V, 1, N>(first), epilogue),
        }
        first += 1 << rest.ilog2();
    }
}

/// One sample at the columns of `NV` vectors, its `P` partial sums side by side.
#[inline(always)]
fn group<V: Lanes, const P: usize, const NV: usize, const K: usize, const N: usize, E: Epilogue>(
    a: &[f32; K],
    rows: &[[f32; N]],
    bias: &[f32; N],
    out: &mut [f32; N],
    cols: [usize; NV],
    epilogue: &E,
) {
    let mut acc = [[V::splat(0.0); NV]; P];
    acc[0] = cols.map(|c| V::load(bias.get(c..).unwrap_or_default()));
    let (a, a_rest) = a.as_chunks::<P>();
    let (rows, rows_rest) = rows.as_chunks::<P>();
    for (a, rows) in a.iter().zip(rows) {
        for ((acc, a), row) in acc.iter_mut().zip(a).zip(rows) {
            add_row(acc, *a, row, cols);
        }
    }
    for ((acc, a), row) in acc.iter_mut().zip(a_rest).zip(rows_rest) {
        add_row(acc, *a, row, cols);
    }
    let mut total = acc[0];
    for sums in &acc[1..] {
        for (total, sum) in total.iter_mut().zip(sums) {
            *total = *total + *sum;
        }
    }
    store_row(&total, cols, out, epilogue);
}

/// One sample at the columns of twice `NV` vectors, which is as much as the compiler keeps in registers.
#[inline(always)]
fn pair<V: Lanes, const NV: usize, const K: usize, const N: usize, E: Epilogue>(
    a: &[f32; K],
    rows: &[[f32; N]],
    bias: &[f32; N],
    out: &mut [f32; N],
    first: usize,
    epilogue: &E,
) {
    let (left, right) = (columns::<V, NV, N>(first), columns::<V, NV, N>(first + NV));
    let load = |cols: [usize; NV]| cols.map(|c| V::load(bias.get(c..).unwrap_or_default()));
    let (mut acc_left, mut acc_right) = (load(left), load(right));
    for (a, row) in a.iter().zip(rows) {
        add_row(&mut acc_left, *a, row, left);
        add_row(&mut acc_right, *a, row, right);
    }
    store_row(&acc_left, left, out, epilogue);
    store_row(&acc_right, right, out, epilogue);
}

/// `acc += a · row`.
#[inline(always)]
fn add_row<V: Lanes, const NV: usize>(acc: &mut [V; NV], a: f32, row: &[f32], cols: [usize; NV]) {
    for (acc, c) in acc.iter_mut().zip(cols) {
        *acc = V::splat(a).mul_add(V::load(row.get(c..).unwrap_or_default()), *acc);
    }
}

#[inline(always)]
fn store_row<V: Lanes, const NV: usize, const N: usize, E: Epilogue>(
    total: &[V; NV],
    cols: [usize; NV],
    out: &mut [f32; N],
    epilogue: &E,
) {
    for (t, c) in total.iter().zip(cols) {
        epilogue.finish(*t).store(out.get_mut(c..).unwrap_or_default());
    }
}
