//! The convolutions on machines without vectors: one copy of each for all shapes, on flat slices.
//!
//! Sixteen sums at a time stay in registers, over all taps of a window.

use super::Windows;
use crate::kernels::four::{Four, OneLane, REGISTERS};
use crate::kernels::machine::Build;
use crate::kernels::matmul::one_lane::{add_input_gradient, load};
use crate::kernels::{no_unrolling, opaque, written_out};

/// `y = x ∗ w + b`.
#[inline(never)]
pub(super) fn forward(windows: &Windows, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
    let windows = opaque(*windows);
    let Windows { rows, columns, channels } = windows;
    let outputs = b.len();
    let (mut x, mut y) = (x, y);
    let whole = columns.dilation == 1;
    while let (Some(x), Some(y)) =
        (super::split(&mut x, windows.inputs() * channels), super::split_mut(&mut y, windows.outputs() * outputs))
    {
        let mut y = y;
        for row in 0..rows.outputs {
            for column in 0..columns.outputs {
                let Some(y) = super::split_mut(&mut y, outputs) else { break };
                let (row_taps, column_taps) = (rows.taps_of(row), columns.taps_of(column));
                let mut runs = Runs {
                    x: &[],
                    x_step: 1,
                    x_jump: rows.dilation * columns.inputs * channels,
                    w: &[],
                    w_step: outputs,
                    w_jump: columns.taps * channels * outputs,
                    runs: row_taps.len(),
                    steps: column_taps.len() * channels,
                    first: b,
                };
                // Adds the products of the taps from this one on.
                let mut add = |runs: &mut Runs<'_>, row_tap: usize| {
                    let tap = [row_tap, column_taps.start];
                    let input = windows.input([row, column], tap) * channels;
                    let runs = Runs {
                        x: x.get(input..).unwrap_or_default(),
                        w: w.get(windows.weights(tap) * outputs..).unwrap_or_default(),
                        ..*runs
                    };
                    runs.add_all(y);
                };
                if whole {
                    add(&mut runs, row_taps.start);
                    continue;
                }
                // With dilation, a run has one tap.
                (runs.x_jump, runs.w_jump) = (columns.dilation * channels, channels * outputs);
                (runs.runs, runs.steps) = (column_taps.len(), channels);
                if row_taps.is_empty() {
                    runs.runs = 0;
                    add(&mut runs, 0);
                }
                for row_tap in row_taps {
                    add(&mut runs, row_tap);
                    runs.first = &[];
                }
            }
        }
    }
}

/// Computes row `i` of `dw`.
#[inline(never)]
pub(super) fn weight_gradient_row(windows: &Windows, i: usize, x: &[f32], dz: &[f32], row: &mut [f32]) {
    let windows = opaque(*windows);
    let Windows { rows, columns, channels } = windows;
    let outputs = row.len();
    row.fill(0.0);
    // No division: it could be one by zero.
    let (mut row_tap, mut column_tap, mut channel) = (0, 0, i);
    while channel >= channels && row_tap < rows.taps {
        channel -= channels;
        column_tap += 1;
        if column_tap == columns.taps {
            (row_tap, column_tap) = (row_tap + 1, 0);
        }
    }
    let tap = [row_tap, column_tap];
    let (row_outputs, column_outputs) = (rows.outputs_of(row_tap), columns.outputs_of(column_tap));
    if row_outputs.is_empty() || column_outputs.is_empty() {
        return;
    }
    let at = [row_outputs.start, column_outputs.start];
    let (input, output) = (windows.input(at, tap) * channels + channel, windows.output(at) * outputs);
    let [row_stride, column_stride] = [rows.stride * columns.inputs * channels, columns.stride * channels];
    let mut runs = Runs {
        x: &[],
        x_step: column_stride,
        x_jump: row_stride,
        w: &[],
        w_step: outputs,
        w_jump: columns.outputs * outputs,
        runs: row_outputs.len(),
        steps: column_outputs.len(),
        first: &[],
    };
    if !windows.along_columns() {
        (runs.x_step, runs.x_jump) = (runs.x_jump, runs.x_step);
        (runs.w_step, runs.w_jump) = (runs.w_jump, runs.w_step);
        (runs.runs, runs.steps) = (runs.steps, runs.runs);
    }
    let (mut x, mut dz) = (x, dz);
    while let (Some(x), Some(dz)) =
        (super::split(&mut x, windows.inputs() * channels), super::split(&mut dz, windows.outputs() * outputs))
    {
        let runs = Runs { x: x.get(input..).unwrap_or_default(), w: dz.get(output..).unwrap_or_default(), ..runs };
        runs.add_all(row);
    }
}

/// `dx`, tap after tap.
#[inline(never)]
pub(super) fn input_gradient(windows: &Windows, dz: &[f32], w: &[f32], dx: &mut [f32], outputs: usize) {
    let windows = opaque(*windows);
    let Windows { rows, columns, channels } = windows;
    dx.fill(0.0);
    let (mut dz, mut dx) = (dz, dx);
    while let (Some(dz), Some(dx)) =
        (super::split(&mut dz, windows.outputs() * outputs), super::split_mut(&mut dx, windows.inputs() * channels))
    {
        for row_tap in 0..rows.taps {
            for column_tap in 0..columns.taps {
                let tap = [row_tap, column_tap];
                let w = w.get(windows.weights(tap) * outputs..).unwrap_or_default();
                for row in rows.outputs_of(row_tap) {
                    for column in columns.outputs_of(column_tap) {
                        let at = [row, column];
                        let dz = dz.get(windows.output(at) * outputs..).unwrap_or_default();
                        let dx = dx.get_mut(windows.input(at, tap) * channels..).unwrap_or_default();
                        if let (Some(dz), Some(dx)) = (dz.get(..outputs), dx.get_mut(..channels)) {
                            add_input_gradient(dz, w, dx);
                        }
                    }
                }
            }
        }
    }
}

/// The steps of a sum, in some runs: numbers of `x` times rows of `w`.
#[derive(Clone, Copy)]
struct Runs<'a> {
    x: &'a [f32],
    /// The distance of the numbers of two steps, and of two runs.
    x_step: usize,
    x_jump: usize,
    w: &'a [f32],
    /// The distance of the rows of two steps, and of two runs.
    w_step: usize,
    w_jump: usize,
    runs: usize,
    steps: usize,
    /// The values that the sums start at; if it is empty, they start at `y`.
    first: &'a [f32],
}

impl Runs<'_> {
    /// Computes all columns: as many at a time as there are registers for.
    #[inline(never)]
    fn add_all(&self, y: &mut [f32]) {
        let (mut at, columns) = (0, y.len());
        while at < columns {
            // The last few are computed together with some before them: once more, and with the same result.
            if REGISTERS && self.first.len() >= 4 && columns - at < 4 {
                at = columns - 4;
            }
            let y = y.get_mut(at..).unwrap_or_default();
            if let (true, Some(y)) = (REGISTERS, y.first_chunk_mut()) {
                self.add::<Four, 4, 4, 16>(at, y);
                at += 16;
            } else if let Some(y) = y.first_chunk_mut() {
                self.add::<Four, 1, 4, 4>(at, y);
                at += 4;
            } else if let Some(y) = y.first_chunk_mut() {
                self.add::<f32, 1, 1, 1>(at, y);
                at += 1;
            } else {
                break;
            }
        }
    }

    /// Computes `N` columns, from column `at` on, in `C` vectors of `L` lanes.
    #[inline(never)]
    fn add<V: OneLane, const C: usize, const L: usize, const N: usize>(&self, at: usize, y: &mut [f32; N]) {
        let mut sums = load::<V, C, L, N>(self.first.get(at..).and_then(<[f32]>::first_chunk).unwrap_or(y));
        // The last place where a row can begin: one comparison per row.
        let last = self.w.len().checked_sub(N);
        let runs = if last.is_some() { self.runs } else { 0 };
        let (mut x, mut w, last) = (self.x, at, last.unwrap_or(0));
        for _ in 0..runs {
            let (mut numbers, mut row) = (x, w);
            for _ in 0..self.steps {
                let (true, Some(number)) = (row <= last, numbers.first()) else { break };
                let Some(w) = self.w.get(row..).and_then(<[f32]>::first_chunk) else { break };
                let (number, w) = (V::broadcast(Build, *number), load::<V, C, L, N>(w));
                written_out!(c in C {
                    sums[c] = number.mul_add(w[c], sums[c]);
                });
                row += self.w_step;
                numbers = numbers.get(self.x_step..).unwrap_or_default();
                no_unrolling();
            }
            x = x.get(self.x_jump..).unwrap_or_default();
            w += self.w_jump;
        }
        let y = y.as_chunks_mut::<L>().0;
        written_out!(c in C {
            sums[c].store(&mut y[c]);
        });
    }
}
