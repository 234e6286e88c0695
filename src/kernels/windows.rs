//! Windows over places with channels: the loop that depthwise convolutions and pools have in common.
//!
//! A sample has rows and columns of places, each with `C` channels, channels last. A sequence is a sample of one row. Output
//! `(r, c)` folds the places that its window sees, channel by channel: tap after tap, rows before columns. A tap that sees
//! padding is left out. The order depends on the shape alone, because each channel is in a lane of its own.
//!
//! # The tile
//!
//! [`tile`] computes `P` outputs of a row, for `N` vectors of channels. Its `P · N` sums stay in registers until all taps are
//! done, and the weights of a tap are loaded once for `P` outputs. An index below 0 wraps around to a huge one. So one
//! comparison tells whether a place exists in a row and keeps the load within the slice.
//!
//! A row of channels has a whole number of tiles' vectors, or the last ones are moved back until they end with the row. A few
//! channels are then computed twice.

use super::axis::Axis;
use super::four::{Four, REGISTERS};
use super::machine::{Build, Machine, dispatch};
use super::{Lanes, no_unrolling, written_out};

/// How windows lie on the places of a sample.
#[derive(Clone, Copy)]
pub struct Windows {
    /// Along a column.
    pub rows: Axis,
    /// Along a row.
    pub columns: Axis,
    /// Number of channels.
    pub channels: usize,
}

impl Windows {
    /// Windows over a sequence, which is one row.
    pub const fn over_sequence(places: Axis, channels: usize) -> Self {
        Windows { rows: Axis::new(1, 1, 1, 1, 1), columns: places, channels }
    }

    /// Numbers of one sample.
    #[inline(always)]
    pub const fn input_len(&self) -> usize {
        self.rows.inputs * self.columns.inputs * self.channels
    }

    /// Numbers of the output for one sample.
    #[inline(always)]
    pub const fn output_len(&self) -> usize {
        self.rows.outputs * self.columns.outputs * self.channels
    }
}

/// What is computed from the places of a window.
pub trait Fold {
    /// Whether taps have weights.
    const WEIGHTED: bool;
    /// The weights, `[rows][columns][C]`.
    fn weights(&self) -> &[f32];
    /// Where `N` vectors of sums start, from channel `at` on.
    fn start<V: Lanes, const N: usize>(&self, machine: V::Machine, at: usize) -> [V; N];
    /// The sum with one more place.
    fn step<V: Lanes>(&self, sum: V, x: V, weight: V) -> V;
    /// The output.
    fn finish<V: Lanes>(&self, sum: V) -> V;
}

/// How a pass goes along one axis. Its output number `m` is stored at `first + m · step`. With tap number `t`, whose weight is
/// at `tap + t · tap_step`, it sees the input `start + m · stride + t · dilation`, if there is one. What is below 0 wraps.
#[derive(Clone, Copy)]
struct Line {
    inputs: usize,
    outputs: usize,
    first: usize,
    step: usize,
    taps: usize,
    tap: usize,
    tap_step: usize,
    start: usize,
    stride: usize,
    dilation: usize,
}

impl Line {
    /// From the inputs to the outputs.
    const fn forward(axis: Axis) -> Self {
        let Axis { inputs, outputs, taps, stride, dilation, before } = axis;
        let start = 0_usize.wrapping_sub(before);
        Line { inputs, outputs, first: 0, step: 1, taps, tap: 0, tap_step: 1, start, stride, dilation }
    }

    /// From the outputs to the inputs `first`, `first + stride`, …: these are seen with the same taps, each by outputs that
    /// lie side by side.
    fn backward(axis: Axis, first: usize) -> Self {
        let Axis { inputs, outputs, taps, stride, dilation, before } = axis;
        let mut line = Line {
            inputs: outputs,
            outputs: inputs,
            first,
            step: stride,
            taps: 0,
            tap: 0,
            tap_step: 0,
            start: 0,
            stride: 1,
            dilation: 0,
        };
        // Input `first` is seen by the output (first + before − tap · dilation) / stride. This is not below −lift.
        let lift = taps * dilation;
        for tap in 0..taps {
            let distance = first + before + lift * stride - tap * dilation;
            if distance.is_multiple_of(stride) {
                let output = distance.checked_div(stride).unwrap_or_default().wrapping_sub(lift);
                match line.taps {
                    0 => (line.start, line.tap) = (output, tap),
                    1 => (line.dilation, line.tap_step) = (output.wrapping_sub(line.start), tap - line.tap),
                    _ => {}
                }
                line.taps += 1;
            }
        }
        line
    }
}

/// A pass over both axes.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    rows: Line,
    columns: Line,
    channels: usize,
    /// Numbers from an input to the one that the next tap or output of its row sees.
    right: usize,
    distance: usize,
    /// Numbers in a row of inputs, and from a row to the one that the next tap sees.
    width: usize,
    down: usize,
    /// The weights of the first tap, and numbers from them to those of the next tap in its row and the next row of taps.
    weights: usize,
    weights_right: usize,
    weights_down: usize,
    /// Numbers from an output to the next one of its row.
    outputs: usize,
    /// Whether windows have three places side by side, and lie side by side themselves.
    threes: bool,
}

impl Pass {
    const fn new(windows: &Windows, rows: Line, columns: Line) -> Self {
        let channels = windows.channels;
        let (width, tap_row) = (columns.inputs * channels, windows.columns.taps * channels);
        let side_by_side = columns.dilation == 1 || columns.dilation == usize::MAX;
        Pass {
            rows,
            columns,
            channels,
            right: columns.dilation.wrapping_mul(channels),
            distance: columns.stride * channels,
            width,
            down: rows.dilation.wrapping_mul(width),
            weights: rows.tap * tap_row + columns.tap * channels,
            weights_right: columns.tap_step * channels,
            weights_down: rows.tap_step * tap_row,
            outputs: columns.step * channels,
            threes: side_by_side && columns.taps == 3 && columns.stride == 1 && columns.step == 1,
        }
    }
}

/// `y[sample][output]` = the fold of the places that the output's window sees.
pub fn fold<F: Fold>(f: &F, windows: &Windows, x: &[f32], y: &mut [f32]) {
    run(f, forward(windows), x, y);
}

/// `dx[sample][input]` = the fold of the outputs that see the input, each with the weight with which it does: tap after tap.
pub fn fold_back<F: Fold>(f: &F, windows: &Windows, dy: &[f32], dx: &mut [f32]) {
    for row in 0..windows.rows.stride {
        for column in 0..windows.columns.stride {
            run(f, backward(windows, row, column), dy, dx);
            no_unrolling();
        }
    }
}

pub(super) fn forward(windows: &Windows) -> Pass {
    Pass::new(windows, Line::forward(windows.rows), Line::forward(windows.columns))
}

/// The pass for every `stride`-th input from this row and this column on.
pub(super) fn backward(windows: &Windows, row: usize, column: usize) -> Pass {
    Pass::new(windows, Line::backward(windows.rows, row), Line::backward(windows.columns, column))
}

/// One copy for all shapes.
#[inline(never)]
fn run<F: Fold>(f: &F, pass: Pass, x: &[f32], y: &mut [f32]) {
    dispatch!(machine if pass.channels >= 8 => run_on(machine, f, &pass, x, y))
}

#[inline(always)]
fn run_on<M: Machine, F: Fold>(machine: M, f: &F, pass: &Pass, x: &[f32], y: &mut [f32]) {
    match pass.channels {
        4.. if const { M::LANES == 1 && REGISTERS } => run_lanes::<Four, 1, 4, F>(Build, f, pass, x, y),
        _ if const { M::LANES == 1 } => run_lanes::<f32, 1, 1, F>(Build, f, pass, x, y),
        32.. if const { M::LANES == 16 } => run_lanes::<M::V16, 2, 4, F>(machine, f, pass, x, y),
        16.. if const { M::LANES >= 8 } => run_lanes::<M::V8, 2, 4, F>(machine, f, pass, x, y),
        8.. if const { M::LANES >= 4 } => run_lanes::<M::V4, 2, 4, F>(machine, f, pass, x, y),
        _ => run_lanes::<f32, 1, 1, F>(Build, f, pass, x, y),
    }
}

/// Calls a function with the vector type `V`. On machines without vectors, it stays a function: if all loops were one, their
/// counters would have no room in the registers.
macro_rules! apart {
    ($function:ident::<V, $($generic:tt),+>($($argument:expr),+)) => {
        if const { <V::Machine as Machine>::LANES == 1 } {
            #[inline(never)]
            fn apart<F: FnOnce()>(f: F) { f() }
            apart(#[inline(always)] || $function::<V, $($generic),+>($($argument),+))
        } else {
            $function::<V, $($generic),+>($($argument),+)
        }
    };
}

/// In tiles of `P` outputs and `N` vectors; there are at least as many channels as `N` vectors have lanes.
#[inline(always)]
pub(super) fn run_lanes<V: Lanes, const N: usize, const P: usize, F: Fold>(
    machine: V::Machine,
    f: &F,
    pass: &Pass,
    x: &[f32],
    y: &mut [f32],
) {
    let Pass { rows, columns, channels, .. } = *pass;
    let y_width = columns.outputs * channels;
    let (x_len, y_len) = (rows.inputs * pass.width, rows.outputs * y_width);
    let (mut x, mut y) = (x, y);
    while let (true, Some((sample, rest))) = (x_len > 0, x.split_at_checked(x_len)) {
        let Some((y_sample, y_rest)) = y.split_at_mut_checked(y_len) else { break };
        let (mut row, mut top) = (rows.first, rows.start);
        while let (true, Some(y)) = (row < rows.outputs, y_sample.get_mut(row * y_width..(row + 1) * y_width)) {
            let mut at = 0;
            loop {
                let mut column = columns.first;
                let mut start = Start {
                    top,
                    left: columns.start.wrapping_mul(channels).wrapping_add(at),
                    at,
                    to: column * channels + at,
                };
                while column < columns.outputs {
                    let mut count = P;
                    if P > 1 && F::WEIGHTED && pass.threes {
                        apart!(tile_of_threes::<V, N, P, F>(machine, f, pass, sample, start, y));
                    } else if P > 1 && column + columns.step < columns.outputs {
                        apart!(tile::<V, N, P, F>(machine, f, pass, sample, start, y));
                    } else {
                        apart!(tile::<V, N, 1, F>(machine, f, pass, sample, start, y));
                        count = 1;
                    }
                    column += count * columns.step;
                    start.to += count * pass.outputs;
                    start.left = start.left.wrapping_add(count * pass.distance);
                }
                let next = at + N * V::LANES;
                if next >= channels {
                    break;
                }
                at = next.min(channels - N * V::LANES);
            }
            row += rows.step;
            top = top.wrapping_add(rows.stride);
        }
        (x, y) = (rest, y_rest);
    }
}

/// Where a tile begins: the row of `x` and the number in a row where the first window does, the first channel, and the number in
/// a row of `y` where the first output is. Outputs beyond the row are not stored.
#[derive(Clone, Copy)]
struct Start {
    top: usize,
    left: usize,
    at: usize,
    to: usize,
}

/// Computes `P` outputs.
#[inline(always)]
fn tile<V: Lanes, const N: usize, const P: usize, F: Fold>(
    machine: V::Machine,
    f: &F,
    pass: &Pass,
    x: &[f32],
    start: Start,
    y: &mut [f32],
) {
    let Pass { rows, columns, right, distance, width, down, weights_right, weights_down, .. } = *pass;
    let mut sums = [f.start::<V, N>(machine, start.at); P];
    let (mut row, mut weights) = (start.top.wrapping_mul(width), pass.weights + start.at);
    for _ in 0..rows.taps {
        if let Some(places) = Row::new::<V, N>(x, row, width) {
            let (mut from, mut weight) = (start.left, weights);
            for _ in 0..columns.taps {
                let mut w = zeros::<V, N>(machine);
                if F::WEIGHTED {
                    let Some(weights) = full(machine, f.weights(), weight) else { break };
                    w = weights;
                }
                let mut place = from;
                written_out!(p in P {
                    if let Some(x) = places.get::<V, N>(machine, place) {
                        written_out!(n in N {
                            sums[p][n] = f.step(sums[p][n], x[n], w[n]);
                        });
                    }
                    place = place.wrapping_add(distance);
                });
                from = from.wrapping_add(right);
                weight += weights_right;
                no_unrolling();
            }
        }
        row = row.wrapping_add(down);
        weights += weights_down;
    }
    store::<V, N, P, F>(f, &sums, y, start.to, pass.outputs);
}

/// Computes `P` outputs whose windows have 3 columns and lie side by side: the 3 weights of a row stay in registers, and each of
/// the `P + 2` places in a row is loaded once. In a pass backward, the places and outputs follow from right to left.
#[inline(always)]
fn tile_of_threes<V: Lanes, const N: usize, const P: usize, F: Fold>(
    machine: V::Machine,
    f: &F,
    pass: &Pass,
    x: &[f32],
    start: Start,
    y: &mut [f32],
) {
    let Pass { rows, columns, channels, right, width, down, weights_down, .. } = *pass;
    let (mut left, mut to) = (start.left, start.to);
    if columns.dilation != 1 {
        (left, to) = (left.wrapping_add((P - 1) * channels), to + (P - 1) * channels);
    }
    let mut sums = [f.start::<V, N>(machine, start.at); P];
    let (mut row, mut weights) = (start.top.wrapping_mul(width), pass.weights + start.at);
    for _ in 0..rows.taps {
        if let Some(places) = Row::new::<V, N>(x, row, width) {
            let w = f.weights().get(weights..).unwrap_or_default();
            let Some(c) = full::<V, N>(machine, w, 2 * channels) else { break };
            let Some(b) = full::<V, N>(machine, w, channels) else { break };
            let Some(a) = full::<V, N>(machine, w, 0) else { break };
            let mut place = left;
            written_out!(k in (P + 2) {
                if let Some(x) = places.get::<V, N>(machine, place) {
                    written_out!(n in N {
                        if k < P {
                            sums[k][n] = f.step(sums[k][n], x[n], a[n]);
                        }
                        if k > 0 && k <= P {
                            sums[k - 1][n] = f.step(sums[k - 1][n], x[n], b[n]);
                        }
                        if k > 1 {
                            sums[k - 2][n] = f.step(sums[k - 2][n], x[n], c[n]);
                        }
                    });
                }
                place = place.wrapping_add(right);
            });
        }
        row = row.wrapping_add(down);
        weights += weights_down;
        no_unrolling();
    }
    store::<V, N, P, F>(f, &sums, y, to, right);
}

/// Stores outputs at this distance.
#[inline(always)]
fn store<V: Lanes, const N: usize, const P: usize, F: Fold>(
    f: &F,
    sums: &[[V; N]; P],
    y: &mut [f32],
    to: usize,
    distance: usize,
) {
    let mut to = to;
    written_out!(p in P {
        if let Some(y) = y.get_mut(to..to + N * V::LANES) {
            written_out!(n in N {
                f.finish(sums[p][n]).store(y.get_mut(n * V::LANES..).unwrap_or_default());
            });
        }
        to = to.wrapping_add(distance);
    });
}

/// The places of a row.
#[derive(Clone, Copy)]
struct Row<'a> {
    places: &'a [f32],
    /// The last index where `N` vectors can begin.
    last: usize,
}

impl<'a> Row<'a> {
    /// The row that begins at this index of a sample, if the sample has it.
    #[inline(always)]
    fn new<V: Lanes, const N: usize>(x: &'a [f32], from: usize, width: usize) -> Option<Self> {
        let places = x.get(from..from.wrapping_add(width))?;
        Some(Row { places, last: places.len().checked_sub(N * V::LANES)? })
    }

    /// `N` vectors. It takes one comparison to see that the row has them.
    #[inline(always)]
    fn get<V: Lanes, const N: usize>(self, machine: V::Machine, at: usize) -> Option<[V; N]> {
        if at > self.last {
            return None;
        }
        full(machine, self.places.get(at..)?, 0)
    }
}

/// `N` vectors from `from` on, if the slice has them. An index that has wrapped around is beyond its end.
#[inline(always)]
pub(super) fn full<V: Lanes, const N: usize>(machine: V::Machine, values: &[f32], from: usize) -> Option<[V; N]> {
    let values = values.get(from..)?.get(..N * V::LANES)?;
    let mut vectors = zeros(machine);
    written_out!(n in N {
        vectors[n] = V::load(machine, values.get(n * V::LANES..).unwrap_or_default());
    });
    Some(vectors)
}

#[inline(always)]
pub(super) fn zeros<V: Lanes, const N: usize>(machine: V::Machine) -> [V; N] {
    [V::broadcast(machine, 0.0); N]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::Sfc32;
    use crate::kernels::widths::{all_widths, assert_same};
    use rand_core::{Rng, SeedableRng};
    use std::vec::Vec;

    /// Several windows of all kinds, with this number of channels.
    pub fn some(channels: usize) -> Vec<Windows> {
        let mut rng = Sfc32::seed_from_u64(channels as u64);
        let mut axis = |most: usize| {
            let mut up_to = |most: usize| 1 + rng.next_u32() as usize % most;
            let (inputs, taps, stride, dilation) = (up_to(most), up_to(5), up_to(3), up_to(2));
            let window = (taps - 1) * dilation + 1;
            let same = inputs.div_ceil(stride);
            match up_to(3) {
                1 => Axis::causal(inputs, same, taps, stride, dilation),
                2 if window <= inputs => Axis::new(inputs, (inputs - window) / stride + 1, taps, stride, dilation),
                _ => Axis::new(inputs, same, taps, stride, dilation),
            }
        };
        // Three columns, which have a tile of their own, one to nine of them side by side.
        let threes = |columns: usize| Axis::new(columns, columns, 3, 1, 1);
        let threes =
            (1..10).map(|columns| Windows { rows: Axis::new(4, 2, 3, 2, 1), columns: threes(columns), channels });
        (0..8).map(|_| Windows { rows: axis(5), columns: axis(13), channels }).chain(threes).collect()
    }

    /// What the outputs of one sample see: the places of the output and the input, and the tap.
    pub fn seen(windows: &Windows) -> Vec<[usize; 3]> {
        let Windows { rows, columns, .. } = *windows;
        let mut seen = Vec::new();
        for (r, c) in (0..rows.outputs).flat_map(|r| (0..columns.outputs).map(move |c| (r, c))) {
            for (i, j) in (0..rows.taps).flat_map(|i| (0..columns.taps).map(move |j| (i, j))) {
                if let (Some(row), Some(column)) = (rows.input(r, i), columns.input(c, j)) {
                    seen.push([r * columns.outputs + c, row * columns.inputs + column, i * columns.taps + j]);
                }
            }
        }
        seen
    }

    /// A pass at all widths. There must be 32 channels or more.
    pub fn widths<M: Machine, F: Fold>(machine: M, f: &F, pass: &Pass, x: &[f32], y_len: usize) -> [Vec<f32>; 4] {
        let run = |pass: &dyn Fn(&mut [f32])| {
            let mut y = std::vec![0.0; y_len];
            pass(&mut y);
            y
        };
        let wide = [
            run(&|y| run_lanes::<M::V4, 2, 4, F>(machine, f, pass, x, y)),
            run(&|y| run_lanes::<M::V8, 2, 4, F>(machine, f, pass, x, y)),
            run(&|y| run_lanes::<M::V16, 2, 4, F>(machine, f, pass, x, y)),
        ];
        let one = run(&|y| run_lanes::<f32, 1, 1, F>(Build, f, pass, x, y));
        let four = run(&|y| run_lanes::<Four, 1, 4, F>(Build, f, pass, x, y));
        assert_same([one.clone(), four.clone(), four.clone(), four], "four lanes that are no vector");
        all_widths::<M>(|| one.clone(), wide)
    }
}
