//! Products of many samples: tile after tile, a few vectors of columns at a time.

use super::tile::{Broadcast, Rows, Stream, load, store, tile};
use super::{BLOCK, Map, Plain, partial_sums};
use crate::kernels::Lanes;
use crate::kernels::machine::Machine;
use core::ops::Range;

/// Rows of at least this many columns are copied to panels: they are so far apart in memory that each would need an address
/// translation of its own.
const FAR_APART: usize = 512;

/// Three quarters of a megabyte, in floats. A `usize` of 16 bits does not count as many.
const CACHE: usize = if usize::BITS > 16 { (3_u32 << 16) as usize } else { usize::MAX };

/// Number of samples that a wide matrix is multiplied with at once. Their results are read and written again for each panel,
/// so they should stay in a cache of a megabyte. They get three quarters of it, because the weights pass through it, too.
pub(super) const fn samples_at_once(n: usize) -> usize {
    if n < FAR_APART { usize::MAX } else { 8 + CACHE / 8 / n * 8 }
}

/// Number of samples per tile: 16 to 24 accumulators if there are 32 registers, 8 to 12 if there are 16.
const fn tile_rows<M: Machine>(vectors: usize) -> usize {
    match (M::LANES, vectors) {
        (16, 1) => 16,
        (_, 1) | (16, _) => 8,
        _ => 4,
    }
}

/// `out = epilogue(a · rows + bias)`, where `rows` are `K` rows of `N` columns. It takes two vectors of columns at a time;
/// if their number is odd, it begins with three.
#[inline(always)]
pub(super) fn product<V: Lanes, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    a: &[[f32; K]],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    if const { N >= FAR_APART } {
        return packed::<V, K, N, E>(machine, a, rows, bias, out, epilogue);
    }
    let vectors = const { N.div_ceil(V::LANES) };
    match const { (N.div_ceil(V::LANES) == 1, N.div_ceil(V::LANES) % 2) } {
        (true, _) => columns_of::<V, 1, K, N, E>(machine, 0, a, rows, bias, out, epilogue),
        (_, 1) => {
            columns_of::<V, 3, K, N, E>(machine, 0, a, rows, bias, out, epilogue);
            for first in (3..vectors).step_by(2) {
                columns_of::<V, 2, K, N, E>(machine, first, a, rows, bias, out, epilogue);
            }
        }
        _ => {
            for first in (0..vectors).step_by(2) {
                columns_of::<V, 2, K, N, E>(machine, first, a, rows, bias, out, epilogue);
            }
        }
    }
}

/// Computes `NV` vectors of columns, from vector `first` on.
#[inline(always)]
fn columns_of<V: Lanes, const NV: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    first: usize,
    a: &[[f32; K]],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    let rows = &Rows::<V, N>::new(machine, rows, first);
    let bias = load::<V, NV, N>(machine, bias, first);
    let block = if const { partial_sums(K, N) == 1 } { K } else { BLOCK };
    for start in (0..K).step_by(block) {
        let steps = start..(start + block).min(K);
        samples(machine, steps, a, first, bias, rows, out, epilogue);
    }
}

/// Steps, and pairs of vectors, that are copied at once: 16 KB if a vector holds 16 numbers.
const PANEL: (usize, usize) = (64, 2);

/// The same product for rows that are far apart: copies some columns of some steps, and multiplies all samples with the
/// copy. All columns of these steps come before the next steps, because the processor prefetches along a row.
#[inline(always)]
fn packed<V: Lanes, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    a: &[[f32; K]],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    let pairs = const { N / (2 * V::LANES) };
    let mut panels = [[[V::broadcast(machine, 0.0); 2]; PANEL.0]; PANEL.1];
    for start in (0..K).step_by(PANEL.0) {
        let steps = start..(start + PANEL.0).min(K);
        for first in (0..pairs).step_by(PANEL.1) {
            for (pair, panel) in (first..pairs).zip(&mut panels) {
                for (row, copy) in rows.iter().skip(start).zip(panel) {
                    *copy = load(machine, row, 2 * pair);
                }
            }
            for (a, out) in a.chunks(8).zip(out.chunks_mut(8)) {
                for (pair, panel) in (first..pairs).zip(&panels) {
                    let panel = Panel { machine, start, rows: panel.get(..steps.len()).unwrap_or_default() };
                    samples(machine, steps.clone(), a, 2 * pair, load(machine, bias, 2 * pair), &panel, out, epilogue);
                }
            }
        }
    }
    // The remaining columns overlap these, so they come last.
    if const { !N.is_multiple_of(2 * V::LANES) } {
        columns_of::<V, 2, K, N, E>(machine, 2 * pairs, a, rows, bias, out, epilogue);
    }
}

/// Copied rows, beginning with the row of step `start`.
struct Panel<'a, V: Lanes> {
    machine: V::Machine,
    start: usize,
    rows: &'a [[V; 2]],
}

impl<V: Lanes> Stream<V, 2> for Panel<'_, V> {
    #[inline(always)]
    fn row(&self, k: usize) -> [V; 2] {
        if let Some(row) = self.rows.get(k - self.start) { *row } else { [V::broadcast(self.machine, 0.0); 2] }
    }
}

/// Samples; each is a row of the tile.
struct Samples<'a, const K: usize>(&'a [[f32; K]]);

impl<const K: usize> Broadcast for Samples<'_, K> {
    #[inline(always)]
    fn number(&self, r: usize, k: usize) -> f32 {
        let sample = if let Some(sample) = self.0.get(r) { &sample[..] } else { &[] };
        if let Some(number) = sample.get(k) { *number } else { 0.0 }
    }
}

/// Computes one block of steps for all samples. The first block starts at the bias, the others at the values in `out`; the
/// last one applies the epilogue.
#[inline(always)]
pub(super) fn samples<V: Lanes, const NV: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    steps: Range<usize>,
    a: &[[f32; K]],
    first: usize,
    bias: [V; NV],
    rows: &impl Stream<V, NV>,
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    let start = (steps.start == 0).then_some(bias);
    if steps.end == K {
        heights(machine, steps, a, first, start, rows, out, epilogue);
    } else {
        heights(machine, steps, a, first, start, rows, out, &Plain);
    }
}

/// Uses the highest tiles that fit the registers, then lower ones for the remaining samples.
#[inline(always)]
fn heights<V: Lanes, const NV: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    steps: Range<usize>,
    a: &[[f32; K]],
    first: usize,
    start: Option<[V; NV]>,
    rows: &impl Stream<V, NV>,
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    let (mut a, mut out) = (a, out);
    if const { tile_rows::<V::Machine>(NV) == 16 } {
        (a, out) = tiles::<V, 16, NV, K, N, E>(machine, &steps, a, first, start, rows, out, epilogue);
    }
    if const { tile_rows::<V::Machine>(NV) >= 8 } {
        (a, out) = tiles::<V, 8, NV, K, N, E>(machine, &steps, a, first, start, rows, out, epilogue);
    }
    (a, out) = tiles::<V, 4, NV, K, N, E>(machine, &steps, a, first, start, rows, out, epilogue);
    tiles::<V, 1, NV, K, N, E>(machine, &steps, a, first, start, rows, out, epilogue);
}

/// Computes tiles of `MR` samples, and returns the remaining samples.
#[inline(always)]
fn tiles<'a, V: Lanes, const MR: usize, const NV: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    steps: &Range<usize>,
    a: &'a [[f32; K]],
    first: usize,
    start: Option<[V; NV]>,
    rows: &impl Stream<V, NV>,
    out: &'a mut [[f32; N]],
    epilogue: &E,
) -> (&'a [[f32; K]], &'a mut [[f32; N]]) {
    let partial = const { partial_sums(K, N) };
    let (a, a_rest) = a.as_chunks::<MR>();
    let (out, out_rest) = out.as_chunks_mut::<MR>();
    for (a, out) in a.iter().zip(out) {
        let a = &Samples(a);
        let mut begin = [if let Some(start) = start { start } else { [V::broadcast(machine, 0.0); NV] }; MR];
        if start.is_none() {
            for (begin, out) in begin.iter_mut().zip(&*out) {
                *begin = load(machine, out, first);
            }
        }
        let mut total = tile(machine, (steps.start, partial, steps.end), begin, a, rows);
        for p in 1..partial {
            let sums =
                tile(machine, (steps.start + p, partial, steps.end), [[V::broadcast(machine, 0.0); NV]; MR], a, rows);
            for (total, sum) in total.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
                *total = *total + *sum;
            }
        }
        for (total, out) in total.iter().zip(out) {
            store(*total, out, first, epilogue);
        }
    }
    (a_rest, out_rest)
}
