//! The product of one sample. All its partial sums are computed at once, because a single row of a tile cannot fill the
//! pipelines.

use super::batch::{columns_of, few_columns_of};
use super::tile::{Rows, Stream, load, store};
use super::{BLOCK, Map, partial_sums};
use crate::kernels::Lanes;
use crate::kernels::machine::Machine;
use core::array::{from_mut, from_ref};

/// [`one_sample`] as a function that is not inlined: in a loop over samples, the compiler would load all rows before the
/// loop, and spill those that do not fit the registers.
#[inline(never)]
pub(super) fn out_of_line<V: Lanes, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    a: &[f32; K],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [f32; N],
    epilogue: &E,
) {
    machine.run(
        #[inline(always)]
        || one_sample::<V, K, N, E>(machine, a, rows, bias, out, epilogue),
    );
}

/// The product of two or three samples, which reads weights from L2 once for all of them.
#[inline(never)]
pub(super) fn few<V: Lanes, const MR: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    a: &[[f32; K]; MR],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [[f32; N]; MR],
    epilogue: &E,
) {
    machine.run(
        #[inline(always)]
        || {
            for first in (0..const { N.div_ceil(V::LANES) }).step_by(4) {
                few_columns_of::<V, MR, 4, K, N, E>(machine, first, a, rows, bias, out, epilogue);
            }
        },
    );
}

/// `out = epilogue(a · rows + bias)`, in as few groups of columns as registers allow.
#[inline(always)]
pub(super) fn one_sample<V: Lanes, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    a: &[f32; K],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [f32; N],
    epilogue: &E,
) {
    match const { partial_sums(K, N) } {
        4 => groups::<V, 4, K, N, E>(machine, a, rows, bias, out, epilogue),
        2 => groups::<V, 2, K, N, E>(machine, a, rows, bias, out, epilogue),
        _ => groups::<V, 1, K, N, E>(machine, a, rows, bias, out, epilogue),
    }
}

/// Number of vectors per group: groups are of equal size and have up to 8 accumulators.
const fn group_vectors(vectors: usize, partial: usize) -> usize {
    vectors.div_ceil(vectors.div_ceil(8 / partial))
}

#[inline(always)]
fn groups<V: Lanes, const P: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    a: &[f32; K],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [f32; N],
    epilogue: &E,
) {
    let vectors = const { N.div_ceil(V::LANES) };
    let group = const { group_vectors(N.div_ceil(V::LANES), P) };
    // If there are enough registers, 16 vectors are one group.
    if const { V::Machine::LANES == 16 && P == 1 && N.div_ceil(V::LANES) == 16 } {
        return two_groups::<V, 8, K, N, E>(machine, a, rows, bias, out, epilogue);
    }
    // If there are few, they hold 8 vectors of one partial sum after another.
    if const { V::Machine::LANES < 16 && P > 1 && N.div_ceil(V::LANES) >= 8 } {
        for first in (0..vectors).step_by(8) {
            columns_of::<V, 8, K, N, E>(machine, first, from_ref(a), rows, bias, from_mut(out), epilogue);
        }
        return;
    }
    let mut first = 0;
    while first < vectors {
        match const { group_vectors(N.div_ceil(V::LANES), P) } {
            1 => one_group::<V, P, 1, K, N, E>(machine, first, a, rows, bias, out, epilogue),
            2 => one_group::<V, P, 2, K, N, E>(machine, first, a, rows, bias, out, epilogue),
            3 => one_group::<V, P, 3, K, N, E>(machine, first, a, rows, bias, out, epilogue),
            4 => one_group::<V, P, 4, K, N, E>(machine, first, a, rows, bias, out, epilogue),
            5 => one_group::<V, P, 5, K, N, E>(machine, first, a, rows, bias, out, epilogue),
            6 => one_group::<V, P, 6, K, N, E>(machine, first, a, rows, bias, out, epilogue),
            7 => one_group::<V, P, 7, K, N, E>(machine, first, a, rows, bias, out, epilogue),
            _ => one_group::<V, P, 8, K, N, E>(machine, first, a, rows, bias, out, epilogue),
        }
        first += group;
    }
}

/// Computes `NV` vectors of columns, from vector `first` on.
#[inline(always)]
fn one_group<V: Lanes, const P: usize, const NV: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    first: usize,
    a: &[f32; K],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [f32; N],
    epilogue: &E,
) {
    let windows = &Rows::<V, N>::new(machine, rows, first);
    let block = if P == 1 { K } else { BLOCK };
    let mut total: [V; NV] = load(machine, bias, first);
    let mut k = 0;
    for (a, rows) in a.chunks(block).zip(rows.chunks(block)) {
        let mut sums = [[V::broadcast(machine, 0.0); NV]; P];
        sums[0] = total;
        let ((a, a_rest), (rows, rows_rest)) = (a.as_chunks::<P>(), rows.as_chunks::<P>());
        for (a, rows) in a.iter().zip(rows) {
            for p in 0..P {
                add(&mut sums[p], a[p], vectors(machine, &rows[p], first, windows, k + p));
            }
            k += P;
        }
        for ((sums, a), row) in sums.iter_mut().zip(a_rest).zip(rows_rest) {
            add(sums, *a, vectors(machine, row, first, windows, k));
            k += 1;
        }
        total = sums[0];
        for sums in &sums[1..] {
            for (total, sum) in total.iter_mut().zip(sums) {
                *total = *total + *sum;
            }
        }
    }
    store(total, out, first, epilogue);
}

/// Returns the vectors of row `k`. If a row has whole vectors, `row` comes from an iterator, which avoids the check of an
/// index.
#[inline(always)]
fn vectors<V: Lanes, const NV: usize, const N: usize>(
    machine: V::Machine,
    row: &[f32; N],
    first: usize,
    windows: &Rows<V, N>,
    k: usize,
) -> [V; NV] {
    if const { V::LANES <= N } { load(machine, row, first) } else { windows.row(k) }
}

/// Computes twice `NV` vectors of columns at once: 16 accumulators hide the latency of rows that are far away. They are two
/// arrays, because the compiler would keep one array of this size in memory.
#[inline(always)]
fn two_groups<V: Lanes, const NV: usize, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    a: &[f32; K],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [f32; N],
    epilogue: &E,
) {
    let (mut sums_left, mut sums_right): ([V; NV], [V; NV]) = (load(machine, bias, 0), load(machine, bias, NV));
    for (a, row) in a.iter().zip(rows) {
        add(&mut sums_left, *a, load(machine, row, 0));
        add(&mut sums_right, *a, load(machine, row, NV));
    }
    store(sums_left, out, 0, epilogue);
    store(sums_right, out, NV, epilogue);
}

/// `sums += a · row`.
#[inline(always)]
fn add<V: Lanes, const NV: usize>(sums: &mut [V; NV], a: f32, row: [V; NV]) {
    for (sum, row) in sums.iter_mut().zip(&row) {
        *sum = row.splat(a).mul_add(*row, *sum);
    }
}
