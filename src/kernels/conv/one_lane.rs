//! The convolutions on machines without vectors: one copy of each for all shapes, on flat slices.
//!
//! Sixteen sums at a time stay in registers, over all taps of a window.

use super::{Place, Windows, few_channels, split, split_mut};
use crate::kernels::four::{Four, OneLane, REGISTERS};
use crate::kernels::lanes::add_multiples;
use crate::kernels::machine::Build;
use crate::kernels::matmul;
use crate::kernels::matmul::one_lane::{add_input_gradient, load};
use crate::kernels::{Lanes, elementwise, no_unrolling, opaque, written_out};
use core::ops::Range;

/// `y = x ∗ w + b`.
#[inline(never)]
pub(super) fn forward(windows: &Windows, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
    let windows = opaque(*windows);
    let (across, along) = windows.axes();
    let (inner, outputs) = (along.inner(), b.len());
    let pairs = REGISTERS && outputs >= PAIRED && windows.columns.dilation == 1;
    let (mut x, mut y) = (x, y);
    while let (Some(x), Some(y)) =
        (split(&mut x, windows.inputs() * windows.channels), split_mut(&mut y, windows.outputs() * outputs))
    {
        for o in 0..across.outputs {
            let mut at = 0;
            while at < along.outputs {
                let place = windows.by_row(o, at);
                let [row_taps, column_taps] = windows.by_row(across.taps_of(o), along.taps_of(at));
                let y = y.get_mut(windows.output(place) * outputs..).unwrap_or_default();
                let window = Window { windows, place, column_taps, x, w, b };
                if pairs && at >= inner.start && at + 1 < inner.end {
                    window.pair(row_taps, y);
                    at += 2;
                } else {
                    window.single(row_taps, y.get_mut(..outputs).unwrap_or_default());
                    at += 1;
                }
            }
        }
    }
}

/// `y = window · w + b`.
pub(super) fn step(window: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
    let steps = window.len();
    Runs { x_step: 1, x_jump: 0, w, w_step: b.len(), w_jump: 0, runs: 1, steps, first: b }.add_all(window, y);
}

/// Whether [`dense`] takes this many numbers.
pub(super) const fn is_in_fours(inputs: usize, outputs: usize, partial: usize) -> bool {
    REGISTERS && outputs.is_multiple_of(4) && partial <= 2 && inputs.is_multiple_of(partial)
}

/// `y = x · w + b` for all places, if each output place sees its own input place: the [product](matmul) of a dense layer, with
/// one or two partial sums. Four places share each row of weights.
#[inline(always)]
pub(super) fn dense(x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], partial: usize) {
    match partial {
        1 => dense_in::<1>(x, w, b, y),
        _ => dense_in::<2>(x, w, b, y),
    }
}

#[inline(never)]
fn dense_in<const P: usize>(x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
    let outputs = opaque(b.len());
    let inputs = w.len().checked_div(outputs).unwrap_or_default();
    let (mut x, mut y) = (x, y);
    // A block of the inputs of four places, side by side.
    let mut block = [[0.0; 4]; matmul::BLOCK];
    while let Some(places) = split(&mut x, 4 * inputs) {
        let Some(y) = split_mut(&mut y, 4 * outputs) else { break };
        let (mut w, mut start) = (w, 0);
        while start < inputs {
            let steps = matmul::BLOCK.min(inputs - start);
            written_out!(r in 4 {
                let place = places.get(r * inputs + start..).unwrap_or_default();
                for (to, x) in block.iter_mut().zip(place) {
                    to[r] = *x;
                    no_unrolling();
                }
            });
            let block = block.get(..steps).unwrap_or_default();
            four_places::<P>(block, w, outputs, if start == 0 { b } else { &[] }, y);
            (w, start) = (w.get(matmul::BLOCK * outputs..).unwrap_or_default(), start + matmul::BLOCK);
        }
    }
    while let (false, Some(x)) = (y.is_empty(), split(&mut x, inputs)) {
        let Some(y) = split_mut(&mut y, outputs) else { break };
        matmul::one_lane::affine(x, w, b, y, P);
    }
}

/// Adds a block of products to four places, whose inputs lie side by side. The sums start at `first`, or, if it is empty, at `y`.
#[inline(never)]
fn four_places<const P: usize>(x: &[[f32; 4]], w: &[f32], outputs: usize, first: &[f32], y: &mut [f32]) {
    let x = x.as_chunks::<P>().0;
    for at in (0..outputs).step_by(4) {
        let mut totals = [Four::ZERO; 4];
        written_out!(r in 4 {
            let first = if first.is_empty() { y.get(r * outputs + at..) } else { first.get(at..) };
            totals[r] = first.and_then(<[f32]>::first_chunk::<4>).map_or(Four::ZERO, |four| Four::load(Build, four));
        });
        written_out!(p in P {
            let mut sums = if p == 0 { totals } else { [Four::ZERO; 4] };
            for (x, w) in x.iter().zip(w.chunks_exact((P * outputs).max(1))) {
                let Some(w) = w.get(p * outputs + at..).and_then(<[f32]>::first_chunk::<4>) else { break };
                let w = Four::load(Build, w);
                written_out!(r in 4 {
                    sums[r] = Four::broadcast(Build, x[p][r]).mul_add(w, sums[r]);
                });
                no_unrolling();
            }
            written_out!(r in 4 {
                totals[r] = if p == 0 { sums[r] } else { totals[r] + sums[r] };
            });
        });
        written_out!(r in 4 {
            if let Some(y) = y.get_mut(r * outputs + at..).and_then(<[f32]>::first_chunk_mut::<4>) {
                totals[r].store(y);
            }
        });
    }
}

/// Two places share each row of weights if there are this many outputs.
const PAIRED: usize = 8;

/// The window of an output place.
struct Window<'a> {
    windows: Windows,
    place: Place,
    column_taps: Range<usize>,
    x: &'a [f32],
    w: &'a [f32],
    b: &'a [f32],
}

impl<'a> Window<'a> {
    /// The numbers of the window, and the steps over all of its rows from this tap on.
    #[inline(always)]
    fn rows(&self, row_tap: usize, runs: usize) -> (&'a [f32], Runs<'a>) {
        let Windows { rows, columns, channels, .. } = self.windows;
        let (tap, outputs) = ([row_tap, self.column_taps.start], self.b.len());
        let input = self.windows.input(self.place, tap) * channels;
        let runs = Runs {
            x_step: 1,
            x_jump: rows.dilation * columns.inputs * channels,
            w: self.w.get(self.windows.weights(tap) * outputs..).unwrap_or_default(),
            w_step: outputs,
            w_jump: columns.taps * channels * outputs,
            runs,
            steps: self.column_taps.len() * channels,
            first: self.b,
        };
        (self.x.get(input..).unwrap_or_default(), runs)
    }

    /// Computes the place.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn single(&self, row_taps: Range<usize>, y: &mut [f32]) {
        let Windows { columns, channels, .. } = self.windows;
        if columns.dilation == 1 || row_taps.is_empty() {
            let (x, runs) = self.rows(row_taps.start, row_taps.len());
            return runs.add_all(x, y);
        }
        // With dilation, a run has one tap.
        let mut first = self.b;
        for row_tap in row_taps {
            let (x, runs) = self.rows(row_tap, self.column_taps.len());
            let (x_jump, w_jump) = (columns.dilation * channels, channels * self.b.len());
            Runs { x_jump, w_jump, steps: channels, first, ..runs }.add_all(x, y);
            first = &[];
        }
    }

    /// Computes the place and the next one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pair(&self, row_taps: Range<usize>, y: &mut [f32]) {
        let (x, runs) = self.rows(row_taps.start, row_taps.len());
        let next = x.get(self.windows.distance() * self.windows.channels..).unwrap_or_default();
        let Some((y, y_next)) = y.split_at_mut_checked(self.windows.pitch() * self.b.len()) else { return };
        let mut at = 0;
        while let Some(columns) = eight(&mut at, self.b.len()) {
            runs.add_pair(x, next, columns, y, y_next);
        }
    }
}

/// The first of the next eight columns. The last eight end with the row: some are computed once more, with the same result.
#[inline(always)]
fn eight(at: &mut usize, columns: usize) -> Option<usize> {
    let first = columns.checked_sub(PAIRED)?.min(*at);
    let more = *at < columns;
    *at += PAIRED;
    more.then_some(first)
}

/// Computes row `i` of `dw`.
#[inline(never)]
pub(super) fn weight_gradient_row(windows: &Windows, i: usize, x: &[f32], dz: &[f32], row: &mut [f32]) {
    let windows = opaque(*windows);
    let Windows { rows, columns, channels, .. } = windows;
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
        x_step: column_stride,
        x_jump: row_stride,
        w: &[],
        w_step: outputs,
        w_jump: columns.outputs * outputs,
        runs: row_outputs.len(),
        steps: column_outputs.len(),
        first: &[],
    };
    if !windows.along_columns {
        (runs.x_step, runs.x_jump) = (runs.x_jump, runs.x_step);
        (runs.w_step, runs.w_jump) = (runs.w_jump, runs.w_step);
        (runs.runs, runs.steps) = (runs.steps, runs.runs);
    }
    let (mut x, mut dz) = (x, dz);
    while let (Some(x), Some(dz)) =
        (split(&mut x, windows.inputs() * channels), split(&mut dz, windows.outputs() * outputs))
    {
        Runs { w: dz.get(output..).unwrap_or_default(), ..runs }.add_all(x.get(input..).unwrap_or_default(), row);
    }
}

/// `dx`, tap after tap. Each place begins at `begin`.
#[inline(never)]
pub(super) fn input_gradient(windows: &Windows, begin: &[f32], dz: &[f32], w: &[f32], dx: &mut [f32], outputs: usize) {
    let windows = opaque(*windows);
    let Windows { rows, columns, channels, .. } = windows;
    let mut places = &mut *dx;
    while let (true, Some(place)) = (channels > 0, split_mut(&mut places, channels)) {
        elementwise::copy(begin, place);
    }
    let (mut dz, mut dx) = (dz, dx);
    while let (Some(dz), Some(dx)) =
        (split(&mut dz, windows.outputs() * outputs), split_mut(&mut dx, windows.inputs() * channels))
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

/// The same for few channels.
#[inline(never)]
pub(super) fn input_gradient_of_few_channels(
    windows: &Windows,
    begin: &[f32],
    dz: &[f32],
    w: &[f32],
    dx: &mut [f32],
    outputs: usize,
) {
    few_channels::input_gradient::<Four, 2, 1, 1>(Build, opaque(*windows), begin, dz, w, dx, outputs);
}

/// The steps of a sum, in some runs: numbers of `x` times rows of `w`.
#[derive(Clone, Copy)]
struct Runs<'a> {
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
    /// Computes all columns of one place: as many at a time as there are registers for.
    #[inline(never)]
    fn add_all(&self, x: &[f32], y: &mut [f32]) {
        let (mut at, columns) = (0, y.len());
        while at < columns {
            // The last few are computed together with some before them: once more, and with the same result.
            if REGISTERS && self.first.len() >= 4 && columns - at < 4 {
                at = columns - 4;
            }
            let y = y.get_mut(at..).unwrap_or_default();
            if let (true, Some(y)) = (REGISTERS, y.first_chunk_mut()) {
                self.add::<Four, 1, 4, 4, 16>([x], at, [y]);
                at += 16;
            } else if let Some(y) = y.first_chunk_mut() {
                self.add::<Four, 1, 1, 4, 4>([x], at, [y]);
                at += 4;
            } else if let Some(y) = y.first_chunk_mut() {
                self.add::<f32, 1, 1, 1, 1>([x], at, [y]);
                at += 1;
            } else {
                break;
            }
        }
    }

    /// Computes eight columns of two places.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn add_pair(&self, x: &[f32], next: &[f32], at: usize, y: &mut [f32], y_next: &mut [f32]) {
        let [y, y_next] = [y, y_next].map(|y| y.get_mut(at..).and_then(<[f32]>::first_chunk_mut));
        if let (Some(y), Some(y_next)) = (y, y_next) {
            self.add::<Four, 2, 2, 4, PAIRED>([x, next], at, [y, y_next]);
        }
    }

    /// Computes `N` columns of `R` places, from column `at` on, in `C` vectors of `L` lanes.
    #[inline(never)]
    fn add<V: OneLane, const R: usize, const C: usize, const L: usize, const N: usize>(
        &self,
        mut x: [&[f32]; R],
        at: usize,
        y: [&mut [f32; N]; R],
    ) {
        let first = self.first.get(at..).and_then(<[f32]>::first_chunk);
        let mut sums = const { [[V::ZERO; C]; R] };
        written_out!(r in R {
            sums[r] = load::<V, C, L, N>(first.unwrap_or(y[r]));
        });
        // The numbers of all places end together, and this is the last place where a row can begin: one comparison each per
        // step.
        let length = x.iter().fold(usize::MAX, |length, x| length.min(x.len()));
        written_out!(r in R {
            x[r] = x[r].get(..length).unwrap_or_default();
        });
        let (mut start, mut w) = (0, at);
        if let Some(last) = self.w.len().checked_sub(N) {
            for _ in 0..self.runs {
                let end = (start + self.steps * self.x_step).min(length);
                let (mut k, mut row) = (start, w);
                'steps: while k < end && row <= last {
                    let mut numbers = [0.0; R];
                    written_out!(r in R {
                        let Some(number) = x[r].get(k) else { break 'steps };
                        numbers[r] = *number;
                    });
                    let Some(w) = self.w.get(row..).and_then(<[f32]>::first_chunk) else { break };
                    let w = load::<V, C, L, N>(w);
                    written_out!(r in R {
                        add_multiples(V::broadcast(Build, numbers[r]), &w, &mut sums[r]);
                    });
                    row += self.w_step;
                    k += self.x_step;
                    no_unrolling();
                }
                start += self.x_jump;
                w += self.w_jump;
            }
        }
        written_out!(r in R {
            let y = y[r].as_chunks_mut::<L>().0;
            written_out!(c in C {
                sums[r][c].store(&mut y[c]);
            });
        });
    }
}
