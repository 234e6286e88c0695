//! Windows over places with channels: the loop that depthwise convolutions and pools have in common.
//!
//! A sample has rows and columns of places, each with `C` channels, channels last. A sequence is a sample of one row. Output
//! `(r, c)` folds the places that its window sees, channel by channel: tap after tap, rows before columns. A tap that sees
//! padding is left out. The order depends on the shape alone, because each channel is in a lane of its own.
//!
//! A row of channels has a whole number of tiles' vectors, or the last ones are moved back until they end with the row. A few
//! channels are then computed twice.

use super::axis::Axis;
use super::four::{Four, REGISTERS};
use super::machine::{Build, Machine, dispatch};
use super::{Lanes, no_unrolling};

mod pass;
mod tile;

pub(super) use pass::{Line, Pass, backward, forward};
use tile::{Start, tile, tile_of_threes};
pub(super) use tile::{full, zeros};

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
        Windows { rows: Axis::ONE, columns: places, channels }
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
        32.. if const { M::LANES == 16 } => run_lanes::<M::V16, 2, 5, F>(machine, f, pass, x, y),
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::Sfc32;
    use crate::kernels::widths::{all_widths, assert_same, wide};
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
        let wide = wide!(
            M,
            run(&|y| run_lanes::<M::V4, 2, 4, F>(machine, f, pass, x, y)),
            run(&|y| run_lanes::<M::V8, 2, 4, F>(machine, f, pass, x, y)),
            run(&|y| run_lanes::<M::V16, 2, 4, F>(machine, f, pass, x, y))
        );
        let one = run(&|y| run_lanes::<f32, 1, 1, F>(Build, f, pass, x, y));
        let four = run(&|y| run_lanes::<Four, 1, 4, F>(Build, f, pass, x, y));
        assert_same([one.clone(), four.clone(), four.clone(), four], "four lanes that are no vector");
        all_widths::<M>(|| one.clone(), wide)
    }
}
