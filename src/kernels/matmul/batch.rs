//! Products of many samples: tile after tile, a few vectors of columns at a time.

use super::tile::{Broadcast, Rows, Stream, load, store, tile};
use super::{BLOCK, L1, Map, Plain, odd_vectors, partial_sums};
use crate::kernels::Lanes;
use crate::kernels::machine::Machine;
use core::cell::Cell;
use core::ops::Range;

/// Rows of at least this many columns are so far apart in memory that each needs an address translation of its own.
const FAR_APART: usize = 512;

/// Number of samples that read rows in place, and copy them for the others.
const HEAD: usize = 8;

/// Whether rows are copied. They are if a level-1 cache holds few of them: rows at a distance of a power of two share a few of
/// its sets. Tiles of eight samples wait less for rows from L2, so they copy wider rows alone.
const fn is_packed<M: Machine>(k: usize, n: usize) -> bool {
    k * n >= 2 * L1 && n > if M::LANES >= 16 { FAR_APART / 2 - 1 } else { 64 }
}

/// Three quarters of a megabyte, in floats. A `usize` of 16 bits does not count as many.
const CACHE: usize = if usize::BITS > 16 { (3_u32 << 16) as usize } else { usize::MAX };

/// Number of samples that a wide matrix is multiplied with at once. Their results are read and written again for each panel,
/// so they should stay in a cache of a megabyte. They get three quarters of it, because the weights pass through it, too.
pub(super) const fn samples_at_once(n: usize) -> usize {
    if n < FAR_APART { usize::MAX } else { 24 + CACHE / 24 / n * 24 }
}

/// Number of rows per tile: 16 to 24 accumulators if there are 32 registers, 8 to 12 if there are 16.
pub(in crate::kernels) const fn tile_rows<M: Machine>(vectors: usize) -> usize {
    match (M::LANES, vectors) {
        (16, 1) => 16,
        (_, 1) | (16, 2..4) => 8,
        (_, 2) => 6,
        (_, 3) => 4,
        (_, 4) => 2,
        _ => 1,
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
    if const { is_packed::<V::Machine>(K, N) } && a.len() > HEAD {
        return packed::<V, K, N, E>(machine, a, rows, bias, out, epilogue);
    }
    match const { odd_vectors(N.div_ceil(V::LANES)) } {
        1 => columns_of::<V, 1, K, N, E>(machine, 0, a, rows, bias, out, epilogue),
        3 => columns_of::<V, 3, K, N, E>(machine, 0, a, rows, bias, out, epilogue),
        _ => {}
    }
    if const { N.div_ceil(V::LANES) > odd_vectors(N.div_ceil(V::LANES)) } {
        for first in (odd_vectors(N.div_ceil(V::LANES))..N.div_ceil(V::LANES)).step_by(2) {
            columns_of::<V, 2, K, N, E>(machine, first, a, rows, bias, out, epilogue);
        }
    }
}

/// Computes `NV` vectors of columns, from vector `first` on.
#[inline(always)]
pub(super) fn columns_of<V: Lanes, const NV: usize, const K: usize, const N: usize, E: Map>(
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

/// The same for one tile of `MR` samples.
#[inline(always)]
pub(super) fn few_columns_of<V: Lanes, const MR: usize, const NV: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    first: usize,
    a: &[[f32; K]; MR],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [[f32; N]; MR],
    epilogue: &E,
) {
    let rows = &Rows::<V, N>::new(machine, rows, first);
    let bias = load::<V, NV, N>(machine, bias, first);
    let block = if const { partial_sums(K, N) == 1 } { K } else { BLOCK };
    for start in (0..K).step_by(block) {
        let steps = start..(start + block).min(K);
        tiles::<V, MR, NV, K, N, E>(machine, &steps, a, first, bias, rows, out, epilogue);
    }
}

/// The same product for weights that a level-1 cache does not hold. The first samples copy the rows that they read: two vectors
/// of each row of one block of steps. All other samples read the copy. All columns of these steps come before the next steps,
/// because the processor prefetches along a row.
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
    let panel = &mut [[V::broadcast(machine, 0.0); 2]; BLOCK];
    let panel = Cell::from_mut(&mut panel[..]).as_slice_of_cells();
    let (a_head, a_rest) = a.split_at_checked(HEAD).unwrap_or_default();
    let (head, rest) = out.split_at_mut_checked(HEAD).unwrap_or_default();
    for start in (0..K).step_by(BLOCK) {
        let steps = start..(start + BLOCK).min(K);
        for first in (0..pairs).map(|pair| 2 * pair) {
            let bias = load(machine, bias, first);
            let copied = Copied { rows: Rows::new(machine, rows, first), panel };
            samples(machine, steps.clone(), a_head, first, bias, &copied, head, epilogue);
            samples(machine, steps.clone(), a_rest, first, bias, &Panel(panel), rest, epilogue);
        }
    }
    // The remaining columns overlap these, so they come last.
    if const { !N.is_multiple_of(2 * V::LANES) } {
        columns_of::<V, 2, K, N, E>(machine, 2 * pairs, a, rows, bias, out, epilogue);
    }
}

/// Rows that are copied when they are read.
struct Copied<'a, V, const N: usize> {
    rows: Rows<'a, V, N>,
    panel: &'a [Cell<[V; 2]>],
}

impl<V: Lanes, const N: usize> Stream<V, 2> for Copied<'_, V, N> {
    #[inline(always)]
    fn row(&self, k: usize) -> [V; 2] {
        let row = self.rows.row(k);
        self.panel[k % BLOCK].set(row);
        row
    }
}

/// The copies of the rows of a block.
struct Panel<'a, V>(&'a [Cell<[V; 2]>]);

impl<V: Lanes> Stream<V, 2> for Panel<'_, V> {
    #[inline(always)]
    fn row(&self, k: usize) -> [V; 2] {
        self.0[k % BLOCK].get()
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

/// Number of rows that tiles of six compute. The remaining ones are better in one or two tiles of four than in tiles of two.
pub(super) const fn sixes(rows: usize) -> usize {
    // Every multiple of four is a sum of sixes and up to two fours.
    let fours = rows / 4 * 4;
    fours.saturating_sub(4 * (fours % 3))
}

/// Computes one block of steps for all samples: uses the highest tiles that fit the registers, then lower ones for the
/// remaining samples.
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
    let (mut a, mut out) = (a, out);
    if const { tile_rows::<V::Machine>(NV) == 16 } {
        (a, out) = tiles::<V, 16, NV, K, N, E>(machine, &steps, a, first, bias, rows, out, epilogue);
    }
    // Where rows come from L2, more samples should share each of them.
    if const { V::Machine::LANES == 16 && NV == 2 && K * N > L1 } {
        (a, out) = tiles::<V, 12, NV, K, N, E>(machine, &steps, a, first, bias, rows, out, epilogue);
    }
    if const { tile_rows::<V::Machine>(NV) >= 8 } {
        (a, out) = tiles::<V, 8, NV, K, N, E>(machine, &steps, a, first, bias, rows, out, epilogue);
    }
    if const { tile_rows::<V::Machine>(NV) == 6 } && a.len() > 8 {
        let count = sixes(a.len());
        let (high, rest) = a.split_at_checked(count).unwrap_or_default();
        let (out_high, out_rest) = out.split_at_mut_checked(count).unwrap_or_default();
        tiles::<V, 6, NV, K, N, E>(machine, &steps, high, first, bias, rows, out_high, epilogue);
        (a, out) = (rest, out_rest);
    }
    if const { tile_rows::<V::Machine>(NV) >= 4 } {
        (a, out) = tiles::<V, 4, NV, K, N, E>(machine, &steps, a, first, bias, rows, out, epilogue);
    }
    if const { tile_rows::<V::Machine>(NV) >= 2 } {
        (a, out) = tiles::<V, 2, NV, K, N, E>(machine, &steps, a, first, bias, rows, out, epilogue);
    }
    tiles::<V, 1, NV, K, N, E>(machine, &steps, a, first, bias, rows, out, epilogue);
}

/// Computes tiles of `MR` samples, and returns the remaining samples. The first block of steps starts at the bias, the others
/// at the values in `out`; the last one applies the epilogue.
#[inline(always)]
fn tiles<'a, V: Lanes, const MR: usize, const NV: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    steps: &Range<usize>,
    a: &'a [[f32; K]],
    first: usize,
    bias: [V; NV],
    rows: &impl Stream<V, NV>,
    out: &'a mut [[f32; N]],
    epilogue: &E,
) -> (&'a [[f32; K]], &'a mut [[f32; N]]) {
    let partial = const { partial_sums(K, N) };
    let (a, a_rest) = a.as_chunks::<MR>();
    let (out, out_rest) = out.as_chunks_mut::<MR>();
    // There is one tile of up to three rows at most. In a loop, the compiler would load all rows before it, and spill them.
    let most = const { if MR <= 3 { 1 } else { usize::MAX } };
    for (a, out) in a.iter().zip(out).take(most) {
        let a = &Samples(a);
        let mut begin = [bias; MR];
        if steps.start > 0 {
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
            if steps.end == K {
                store(*total, out, first, epilogue);
            } else {
                store(*total, out, first, &Plain);
            }
        }
    }
    (a_rest, out_rest)
}
