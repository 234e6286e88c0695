//! `y = epilogue(x ∗ w + b)`.

use super::{Place, Taps, Windows, split, split_mut};
use crate::kernels::Lanes;
use crate::kernels::axis::Axis;
use crate::kernels::elementwise::Map;
use crate::kernels::machine::Machine;
use crate::kernels::matmul::tile::{Rows, Stream, load, store};
use crate::kernels::matmul::{odd_vectors, tile_rows};
use core::ops::Range;

/// Number of places of the lower tiles, for rows that have no room for higher ones.
const LOW: usize = 4;

#[inline(always)]
pub(super) fn forward<V: Lanes, const O: usize, E: Map>(
    machine: V::Machine,
    windows: Windows,
    x: &[f32],
    w: &[[f32; O]],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    let (mut x, mut y) = (x, y);
    while let (Some(x), Some(y)) =
        (split(&mut x, windows.inputs() * windows.channels), split_mut(&mut y, windows.outputs()))
    {
        match const { odd_vectors(O.div_ceil(V::LANES)) } {
            1 => columns_of::<V, 1, O, E>(machine, windows, 0, x, w, b, y, epilogue),
            3 => columns_of::<V, 3, O, E>(machine, windows, 0, x, w, b, y, epilogue),
            _ => {}
        }
        if const { O.div_ceil(V::LANES) > odd_vectors(O.div_ceil(V::LANES)) } {
            for first in (odd_vectors(O.div_ceil(V::LANES))..O.div_ceil(V::LANES)).step_by(2) {
                columns_of::<V, 2, O, E>(machine, windows, first, x, w, b, y, epilogue);
            }
        }
        single_places::<V, O, E>(machine, windows, x, w, b, y, epilogue);
    }
}

/// Computes `NV` vectors of outputs, from vector `first` on, for the places that lie in tiles.
#[inline(always)]
fn columns_of<V: Lanes, const NV: usize, const O: usize, E: Map>(
    machine: V::Machine,
    windows: Windows,
    first: usize,
    x: &[f32],
    w: &[[f32; O]],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    let bias = load::<V, NV, O>(machine, b, first);
    let (across, along) = windows.axes();
    let all = 0..across.outputs;
    match const { height::<V::Machine>(NV) } {
        16 => tiles::<V, 16, 8, NV, O, E>(machine, windows, all, first, bias, x, w, y, epilogue),
        12 => tiles::<V, 12, 6, NV, O, E>(machine, windows, all, first, bias, x, w, y, epilogue),
        8 => tiles::<V, 8, 8, NV, O, E>(machine, windows, all, first, bias, x, w, y, epilogue),
        6 => tiles::<V, 6, 6, NV, O, E>(machine, windows, all, first, bias, x, w, y, epilogue),
        _ => tiles::<V, LOW, LOW, NV, O, E>(machine, windows, all, first, bias, x, w, y, epilogue),
    }
    let (windows, border) = (windows.turned(), border(along));
    match const { height::<V::Machine>(NV) } {
        8 | 16 => tiles::<V, 8, 8, NV, O, E>(machine, windows, border, first, bias, x, w, y, epilogue),
        6 | 12 => tiles::<V, 6, 6, NV, O, E>(machine, windows, border, first, bias, x, w, y, epilogue),
        _ => tiles::<V, LOW, LOW, NV, O, E>(machine, windows, border, first, bias, x, w, y, epilogue),
    }
}

/// Number of places of the highest tiles. The weights of a window often come from L2: the more places share them, the better.
const fn height<M: Machine>(vectors: usize) -> usize {
    if M::LANES == 16 && vectors == 2 { 12 } else { tile_rows::<M>(vectors) }
}

/// Computes some rows of tiles: of `HIGH` places, and lower ones where they hold what is left.
#[inline(always)]
fn tiles<V: Lanes, const HIGH: usize, const MID: usize, const NV: usize, const O: usize, E: Map>(
    machine: V::Machine,
    windows: Windows,
    of_rows: impl Iterator<Item = usize>,
    first: usize,
    bias: [V; NV],
    x: &[f32],
    w: &[[f32; O]],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    let (across, along) = windows.axes();
    let Range { start, end } = tiled(along);
    for o in of_rows {
        let taps = windows.by_row(across.taps_of(o), 0..along.taps);
        let mut at = start;
        while at < end {
            if const { HIGH > MID } && end - at > MID + LOW && end - start >= HIGH {
                at = at.min(end - HIGH);
                let place = windows.by_row(o, at);
                tile::<V, HIGH, NV, O, E>(machine, windows, place, &taps, first, bias, x, w, y, epilogue);
                at += HIGH;
            } else if const { MID > LOW } && end - at > LOW && end - start >= MID {
                at = at.min(end - MID);
                let place = windows.by_row(o, at);
                tile::<V, MID, NV, O, E>(machine, windows, place, &taps, first, bias, x, w, y, epilogue);
                at += MID;
            } else {
                at = at.min(end - LOW);
                let place = windows.by_row(o, at);
                tile::<V, LOW, NV, O, E>(machine, windows, place, &taps, first, bias, x, w, y, epilogue);
                at += LOW;
            }
        }
    }
}

/// The outputs that lie in tiles: those whose windows have no padding, if they fill a tile.
#[inline(always)]
const fn tiled(along: Axis) -> Range<usize> {
    let Range { start, end } = along.inner();
    if start + LOW <= end { start..end } else { 0..0 }
}

/// The other outputs.
#[inline(always)]
fn border(along: Axis) -> impl Iterator<Item = usize> {
    let Range { start, end } = tiled(along);
    (0..start).chain(end..along.outputs)
}

/// Computes a tile of `MR` places.
#[inline(always)]
fn tile<V: Lanes, const MR: usize, const NV: usize, const O: usize, E: Map>(
    machine: V::Machine,
    windows: Windows,
    at: Place,
    taps: &Taps,
    first: usize,
    bias: [V; NV],
    x: &[f32],
    w: &[[f32; O]],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    let sums = sums::<V, MR, NV, O>(machine, windows, at, taps, first, [bias; MR], x, w);
    for (r, sums) in sums.iter().enumerate() {
        if let Some(y) = y.get_mut(windows.output(at) + r * windows.pitch()) {
            store(*sums, y, first, epilogue);
        }
    }
}

/// Adds the products of the windows of `MR` places to `sums`: these taps, and the vectors of outputs from `first` on.
#[inline(always)]
fn sums<V: Lanes, const MR: usize, const NV: usize, const O: usize>(
    machine: V::Machine,
    windows: Windows,
    at: Place,
    [row_taps, column_taps]: &Taps,
    first: usize,
    mut sums: [[V; NV]; MR],
    x: &[f32],
    w: &[[f32; O]],
) -> [[V; NV]; MR] {
    let (channels, dilation) = (windows.channels, windows.columns.dilation);
    // A run of steps has all taps of a row of the window, if their numbers lie at equal distances, or one tap.
    let whole = dilation == 1 || channels == 1;
    let pace = if channels == 1 { dilation } else { 1 };
    let taps = if whole { column_taps.len() } else { 1 };
    for row_tap in row_taps.clone() {
        let mut column_tap = column_taps.start;
        while column_tap < column_taps.end {
            let tap = [row_tap, column_tap];
            let from = windows.weights(tap);
            let (Some(x), Some(w)) = (x.get(windows.input(at, tap) * channels..), w.get(from..from + taps * channels))
            else {
                break;
            };
            sums = run(
                machine,
                sums,
                x,
                windows.distance() * channels,
                pace,
                &Rows::<V, O>::new(machine, w, first),
                w.len(),
            );
            column_tap += taps;
        }
    }
    sums
}

/// A run of steps: adds `x[k · pace + r · distance] · rows.row(k)` to sum `r`.
#[inline(always)]
fn run<V: Lanes, const MR: usize, const NV: usize>(
    machine: V::Machine,
    mut sums: [[V; NV]; MR],
    x: &[f32],
    distance: usize,
    pace: usize,
    rows: &impl Stream<V, NV>,
    steps: usize,
) -> [[V; NV]; MR] {
    for k in 0..steps {
        // One comparison per step: the compiler knows the length of the slice.
        let at = k * pace;
        let Some(numbers) = x.get(at..at + (MR - 1) * distance + 1) else { break };
        let row = rows.row(k);
        for (r, sums) in sums.iter_mut().enumerate() {
            let Some(number) = numbers.get(r * distance) else { break };
            let number = V::broadcast(machine, *number);
            for (sum, row) in sums.iter_mut().zip(&row) {
                *sum = number.mul_add(*row, *sum);
            }
        }
    }
    sums
}

/// Computes the places that lie in no tile. It is not inlined: it runs once per sample.
#[inline(never)]
fn single_places<V: Lanes, const O: usize, E: Map>(
    machine: V::Machine,
    windows: Windows,
    x: &[f32],
    w: &[[f32; O]],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    machine.run(
        #[inline(always)]
        || {
            let (across, along) = windows.axes();
            for at in border(along) {
                for o in border(across) {
                    let (at, taps) = (windows.by_row(o, at), windows.by_row(across.taps_of(o), along.taps_of(at)));
                    let Some(y) = y.get_mut(windows.output(at)) else { break };
                    match const { accumulators(O.div_ceil(V::LANES)) } {
                        1 => single::<V, 1, O, E>(machine, windows, at, &taps, x, w, b, y, epilogue),
                        2 => single::<V, 2, O, E>(machine, windows, at, &taps, x, w, b, y, epilogue),
                        3 => single::<V, 3, O, E>(machine, windows, at, &taps, x, w, b, y, epilogue),
                        4 => single::<V, 4, O, E>(machine, windows, at, &taps, x, w, b, y, epilogue),
                        6 => single::<V, 6, O, E>(machine, windows, at, &taps, x, w, b, y, epilogue),
                        _ => single::<V, 8, O, E>(machine, windows, at, &taps, x, w, b, y, epilogue),
                    }
                }
            }
        },
    );
}

/// Number of vectors of outputs that one place takes at a time.
const fn accumulators(vectors: usize) -> usize {
    match vectors {
        5 => 6,
        _ => vectors,
    }
}

/// Computes one place from the numbers of its window, a row of weights for each.
#[inline(always)]
pub(super) fn step<V: Lanes, const O: usize, E: Map>(
    machine: V::Machine,
    window: &[f32],
    w: &[[f32; O]],
    b: &[f32; O],
    y: &mut [f32; O],
    epilogue: &E,
) {
    match const { accumulators(O.div_ceil(V::LANES)) } {
        1 => step_by::<V, 1, O, E>(machine, window, w, b, y, epilogue),
        2 => step_by::<V, 2, O, E>(machine, window, w, b, y, epilogue),
        3 => step_by::<V, 3, O, E>(machine, window, w, b, y, epilogue),
        4 => step_by::<V, 4, O, E>(machine, window, w, b, y, epilogue),
        6 => step_by::<V, 6, O, E>(machine, window, w, b, y, epilogue),
        _ => step_by::<V, 8, O, E>(machine, window, w, b, y, epilogue),
    }
}

/// The same, `NV` vectors of outputs at a time.
#[inline(always)]
fn step_by<V: Lanes, const NV: usize, const O: usize, E: Map>(
    machine: V::Machine,
    window: &[f32],
    w: &[[f32; O]],
    b: &[f32; O],
    y: &mut [f32; O],
    epilogue: &E,
) {
    for first in (0..const { O.div_ceil(V::LANES) }).step_by(NV) {
        let bias = load::<V, NV, O>(machine, b, first);
        let rows = Rows::<V, O>::new(machine, w, first);
        let [sums] = run(machine, [bias], window, 0, 1, &rows, w.len());
        store(sums, y, first, epilogue);
    }
}

/// Computes one place, `NV` vectors of outputs at a time.
#[inline(always)]
fn single<V: Lanes, const NV: usize, const O: usize, E: Map>(
    machine: V::Machine,
    windows: Windows,
    at: Place,
    taps: &Taps,
    x: &[f32],
    w: &[[f32; O]],
    b: &[f32; O],
    y: &mut [f32; O],
    epilogue: &E,
) {
    for first in (0..const { O.div_ceil(V::LANES) }).step_by(NV) {
        let bias = load::<V, NV, O>(machine, b, first);
        let [sums] = sums::<V, 1, NV, O>(machine, windows, at, taps, first, [bias], x, w);
        store(sums, y, first, epilogue);
    }
}
