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
//! loads `MR + NV` vectors for `MR · NV` multiply-adds, so tiles are as square as the registers allow ([`tile_rows`]).
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
    for (a, out) in single.iter().zip(out_single) {
        match const { partial_sums(K, N) } {
            4 => one_sample::<V, 4, 2, K, N, E>(a, rows, bias, out, epilogue),
            2 => one_sample::<V, 2, 4, K, N, E>(a, rows, bias, out, epilogue),
            _ => one_sample::<V, 1, 8, K, N, E>(a, rows, bias, out, epilogue),
        }
    }
}

/// Vectors of columns a tile: at most four, in even groups (11 + 11 + 10 columns rather than 16 + 16 + 0).
const fn tile_vectors<V: Lanes>(n: usize) -> usize {
    let vectors = n.div_ceil(V::LANES);
    vectors.div_ceil(vectors.div_ceil(4))
}

/// Where the `NV` vectors from the `first` on start: on multiples of their width, but within the row.
#[inline(always)]
fn columns<V: Lanes, const NV: usize, const N: usize>(first: usize) -> [usize; NV] {
    core::array::from_fn(|v| ((first + v) * V::LANES).min(N.saturating_sub(V::LANES)))
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
        let a = a(k);
        for r in 0..MR {
            for v in 0..NV {
                acc[r][v] = V::splat(a[r]).mul_add(row[v], acc[r][v]);
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
        let rest = (vectors - first).min(MAX);
        match rest {
            8.. => group::<V, P, 8, K, N, E>(a, rows, bias, out, columns::<V, 8, N>(first), epilogue),
            4.. => group::<V, P, 4, K, N, E>(a, rows, bias, out, columns::<V, 4, N>(first), epilogue),
            2.. => group::<V, P, 2, K, N, E>(a, rows, bias, out, columns::<V, 2, N>(first), epilogue),
            _ => group::<V, P, 1, K, N, E>(a, rows, bias, out, columns::<V, 1, N>(first), epilogue),
        }
        first += match rest {
            8.. => 8,
            4.. if NATIVE >= 4 => 4,
            2.. => 2,
            _ => 1,
        };
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
    let mut add = |p: usize, a: f32, row: &[f32; N]| {
        for v in 0..NV {
            acc[p][v] = V::splat(a).mul_add(V::load(row.get(cols[v]..).unwrap_or_default()), acc[p][v]);
        }
    };
    let (a, a_rest) = a.as_chunks::<P>();
    let (rows, rows_rest) = rows.as_chunks::<P>();
    for (a, rows) in a.iter().zip(rows) {
        for p in 0..P {
            add(p, a[p], &rows[p]);
        }
    }
    for (p, (a, row)) in a_rest.iter().zip(rows_rest).enumerate().take(P) {
        add(p, *a, row);
    }
    let mut total = acc[0];
    for sums in &acc[1..] {
        for v in 0..NV {
            total[v] = total[v] + sums[v];
        }
    }
    store_row(&total, cols, out, epilogue);
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

/// `dx = dy · wᵀ`: `dy` is `[samples][O]`, `w` `[I][O]`, `dx` `[samples][I]`.
#[inline]
pub fn input_gradient<const I: usize, const O: usize>(dy: &[[f32; O]], w: &[[f32; O]; I], dx: &mut [[f32; I]]) {
    match const { lanes_for(I) } {
        16 => input_gradient_lanes::<f32x16, 16, I, O>(dy, w, dx),
        8 => input_gradient_lanes::<f32x8, 8, I, O>(dy, w, dx),
        4 => input_gradient_lanes::<f32x4, 4, I, O>(dy, w, dx),
        _ => input_gradient_lanes::<f32, 1, I, O>(dy, w, dx),
    }
}

/// One vector of columns at a time: their part of `wᵀ` is copied once a batch.
#[inline(always)]
fn input_gradient_lanes<V: Lanes, const L: usize, const I: usize, const O: usize>(
    dy: &[[f32; O]],
    w: &[[f32; O]; I],
    dx: &mut [[f32; I]],
) {
    for first in (0..I).step_by(L) {
        let col = first.min(I.saturating_sub(L));
        let mut columns = [[0.0; L]; O];
        for (lane, w) in w.iter().skip(col).take(L).enumerate() {
            for (column, w) in columns.iter_mut().zip(w) {
                column[lane] = *w;
            }
        }
        let mut out = dx.iter_mut();
        strip::<V, L, I, O>(dy, &columns, |total| {
            if let Some(dx) = out.next() {
                total.store(dx.get_mut(col..).unwrap_or_default());
            }
        });
    }
}

/// `dy · columns`, sample after sample, in the order of a product with `I` columns.
#[inline(always)]
fn strip<V: Lanes, const L: usize, const I: usize, const O: usize>(
    dy: &[[f32; O]],
    columns: &[[f32; L]; O],
    mut take: impl FnMut(V),
) {
    let partial = const { partial_sums(O, I) };
    let (blocks, single) = dy.as_chunks::<8>();
    for dy in blocks {
        let mut total = [[V::splat(0.0)]; 8];
        for p in 0..partial {
            let sums =
                tile::<V, 8, 1, L>(columns, p, partial, O, [0], [V::splat(0.0)], |k| dy.each_ref().map(|dy| dy[k]));
            for r in 0..8 {
                total[r][0] = if p == 0 { sums[r][0] } else { total[r][0] + sums[r][0] };
            }
        }
        total.into_iter().for_each(|[t]| take(t));
    }
    for dy in single {
        let mut sums = [V::splat(0.0); 4];
        for (dy, columns) in dy.chunks(partial).zip(columns.chunks(partial)) {
            for ((sum, dy), column) in sums.iter_mut().zip(dy).zip(columns) {
                *sum = V::splat(*dy).mul_add(V::load(column), *sum);
            }
        }
        let [mut total, rest @ ..] = sums;
        for sum in rest.into_iter().take(partial - 1) {
            total = total + sum;
        }
        take(total);
    }
}

/// Rows of `dw = xᵀ · dy`, a few at a time: calls `take(first, rows)` with the rows from input `first` on.
///
/// The gradient goes from registers through a small buffer straight to whom it is for, an optimiser or a sum.
#[inline]
pub fn weight_gradient<const I: usize, const O: usize>(
    x: &[[f32; I]],
    dy: &[[f32; O]],
    take: impl FnMut(usize, &[[f32; O]]),
) {
    match const { lanes_for(O) } {
        16 => weight_gradient_lanes::<f32x16, I, O>(x, dy, take),
        8 => weight_gradient_lanes::<f32x8, I, O>(x, dy, take),
        4 => weight_gradient_lanes::<f32x4, I, O>(x, dy, take),
        _ => weight_gradient_lanes::<f32, I, O>(x, dy, take),
    }
}

#[inline(always)]
fn weight_gradient_lanes<V: Lanes, const I: usize, const O: usize>(
    x: &[[f32; I]],
    dy: &[[f32; O]],
    mut take: impl FnMut(usize, &[[f32; O]]),
) {
    let rows = const {
        if NATIVE == 1 {
            1
        } else if I < 8 {
            I
        } else {
            8
        }
    };
    let vectors = const { O.div_ceil(V::LANES) };
    let mut buffer = [[0.0; O]; 8];
    let mut first = 0;
    while first < I {
        let take_rows = rows.min(I - first);
        let mut v = 0;
        while v < vectors {
            let pair = vectors - v >= 2;
            let cols = [v * V::LANES, (v + 1) * V::LANES].map(|c| c.min(O.saturating_sub(V::LANES)));
            match (rows, pair) {
                (8, true) if NATIVE < 16 => {
                    gradient_tile::<V, 4, 2, I, O>(x, dy, first, cols, &mut buffer);
                    gradient_tile::<V, 4, 2, I, O>(x, dy, first + 4, cols, &mut buffer[4..]);
                }
                (8, true) => gradient_tile::<V, 8, 2, I, O>(x, dy, first, cols, &mut buffer),
                (8, false) => gradient_tile::<V, 8, 1, I, O>(x, dy, first, [cols[0]], &mut buffer),
                (_, _) => {
                    for r in 0..take_rows {
                        let row = first + r;
                        let buffer = &mut buffer[r..];
                        gradient_tile::<V, 1, 1, I, O>(x, dy, row, [cols[0]], buffer);
                    }
                }
            }
            v += if rows == 8 && pair { 2 } else { 1 };
        }
        take(first, buffer.get(..take_rows).unwrap_or_default());
        first += rows;
    }
}

/// `MR` rows of the gradient at `NV` vectors of columns; inputs past the last count as zeros.
#[inline(always)]
fn gradient_tile<V: Lanes, const MR: usize, const NV: usize, const I: usize, const O: usize>(
    x: &[[f32; I]],
    dy: &[[f32; O]],
    first: usize,
    cols: [usize; NV],
    out: &mut [[f32; O]],
) {
    let acc = tile::<V, MR, NV, O>(dy, 0, 1, x.len(), cols, [V::splat(0.0); NV], |k| {
        let x = x[k].get(first..).unwrap_or_default();
        x.first_chunk::<MR>().copied().unwrap_or_else(|| core::array::from_fn(|r| x.get(r).copied().unwrap_or(0.0)))
    });
    for (out, acc) in out.iter_mut().zip(acc) {
        for (acc, c) in acc.iter().zip(cols) {
            acc.store(out.get_mut(c..).unwrap_or_default());
        }
    }
}

/// Σ over samples of `dy`: the gradient of the biases.
#[inline]
pub fn column_sums<const O: usize>(dy: &[[f32; O]]) -> [f32; O] {
    let mut sums = [0.0; O];
    for dy in dy {
        super::elementwise::add(dy, &mut sums);
    }
    sums
}
