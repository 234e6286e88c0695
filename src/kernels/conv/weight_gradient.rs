//! `dw[tap] = Σ xᵀ · dz` over the output places that see an input with the tap.

use super::{Place, Windows, split};
use crate::kernels::Lanes;
use crate::kernels::matmul::tile::{Rows, Stream, store};
use crate::kernels::matmul::weight_gradient::rows_at_a_time;
use crate::kernels::matmul::{Plain, odd_vectors};

/// With fewer channels, the rows of a tile go on with the next taps of the same row of the window.
const FEW: usize = 8;

/// Calls `take` with all rows of weights.
#[inline(always)]
pub(super) fn weight_gradient<V: Lanes, const O: usize>(
    machine: V::Machine,
    windows: Windows,
    x: &[f32],
    dz: &[[f32; O]],
    mut take: impl FnMut(usize, &[[f32; O]]),
) {
    let Windows { rows, columns, channels, .. } = windows;
    // The numbers of adjacent taps must be adjacent.
    let taps = if channels < FEW && columns.dilation == 1 { columns.taps } else { 1 };
    for row_tap in 0..rows.taps {
        for column_tap in (0..columns.taps).step_by(taps.max(1)) {
            let weights = Weights { windows, tap: [row_tap, column_tap], x, dz };
            let (mut first, end) = (0, taps * channels);
            if const { rows_at_a_time::<V, O>() == 16 } {
                first = weights.blocks::<V, 16>(machine, first, end, &mut take);
            }
            if const { rows_at_a_time::<V, O>() >= 8 } {
                first = weights.blocks::<V, 8>(machine, first, end, &mut take);
            } else if const { rows_at_a_time::<V, O>() == 6 } {
                first = weights.blocks::<V, 6>(machine, first, end, &mut take);
            }
            first = weights.blocks::<V, 4>(machine, first, end, &mut take);
            first = weights.blocks::<V, 3>(machine, first, end, &mut take);
            first = weights.blocks::<V, 2>(machine, first, end, &mut take);
            weights.blocks::<V, 1>(machine, first, end, &mut take);
        }
    }
}

/// The rows of weights of one tap, or of all taps of a row of the window.
struct Weights<'a, const O: usize> {
    windows: Windows,
    tap: [usize; 2],
    x: &'a [f32],
    dz: &'a [[f32; O]],
}

impl<const O: usize> Weights<'_, O> {
    /// Computes as many blocks of `MR` rows as there are from row `first` to `end`, and returns the row after them.
    #[inline(always)]
    fn blocks<V: Lanes, const MR: usize>(
        &self,
        machine: V::Machine,
        mut first: usize,
        end: usize,
        take: &mut impl FnMut(usize, &[[f32; O]]),
    ) -> usize {
        let mut rows = [[0.0; O]; MR];
        while first + MR <= end {
            match const { odd_vectors(O.div_ceil(V::LANES)) } {
                1 => self.block::<V, MR, 1>(machine, first, 0, &mut rows),
                3 => self.block::<V, MR, 3>(machine, first, 0, &mut rows),
                _ => {}
            }
            if const { O.div_ceil(V::LANES) > odd_vectors(O.div_ceil(V::LANES)) } {
                for v in (odd_vectors(O.div_ceil(V::LANES))..O.div_ceil(V::LANES)).step_by(2) {
                    self.block::<V, MR, 2>(machine, first, v, &mut rows);
                }
            }
            take(self.windows.weights(self.tap) + first, &rows);
            first += MR;
        }
        first
    }

    /// Computes `NV` vectors of outputs of one block, from vector `v` on.
    #[inline(always)]
    fn block<V: Lanes, const MR: usize, const NV: usize>(
        &self,
        machine: V::Machine,
        first: usize,
        v: usize,
        out: &mut [[f32; O]; MR],
    ) {
        let Weights { windows, tap: [row_tap, column_tap], .. } = *self;
        let tap_of = |row: usize| column_tap + row.checked_div(windows.channels).unwrap_or(0);
        let (low, high) = (tap_of(first), tap_of(first + MR - 1));
        let (of_low, of_high) = (windows.columns.outputs_of(low), windows.columns.outputs_of(high));
        // These columns see an input with one of the taps at least. Between `start` and `end` they do with all of them.
        let (begin, stop) = (of_high.start, of_low.end);
        let (start, end) = if of_low.start < of_high.end { (of_low.start, of_high.end) } else { (begin, begin) };
        let rows = windows.rows.outputs_of(row_tap);
        let mut sums = [[V::broadcast(machine, 0.0); NV]; MR];
        let (mut x, mut dz) = (self.x, self.dz);
        while let (Some(x), Some(dz)) =
            (split(&mut x, windows.inputs() * windows.channels), split(&mut dz, windows.outputs()))
        {
            let steps = Steps { windows, row_tap, low, x, rows: Rows::<V, O>::new(machine, dz, v) };
            // The index of the row in those of the lowest tap.
            let row = first - (low - column_tap) * windows.channels;
            if windows.along_columns {
                for o in rows.clone() {
                    for column in begin..start {
                        sums = steps.some(machine, sums, [o, column], row, 1);
                    }
                    sums = steps.all(machine, sums, [o, start], row, end - start);
                    for column in end..stop {
                        sums = steps.some(machine, sums, [o, column], row, 1);
                    }
                }
            } else {
                for column in begin..stop {
                    let at = [rows.start, column];
                    sums = if (start..end).contains(&column) {
                        steps.all(machine, sums, at, row, rows.len())
                    } else {
                        steps.some(machine, sums, at, row, rows.len())
                    };
                }
            }
        }
        for (sums, out) in sums.iter().zip(out) {
            store(*sums, out, v, &Plain);
        }
    }
}

/// The steps of a tile in one sample.
struct Steps<'a, R> {
    windows: Windows,
    row_tap: usize,
    /// The column tap of the first row of the tile.
    low: usize,
    x: &'a [f32],
    rows: R,
}

impl<R> Steps<'_, R> {
    /// Some steps from a place on, which see inputs with all taps.
    #[inline(always)]
    fn all<V: Lanes, const MR: usize, const NV: usize>(
        &self,
        machine: V::Machine,
        mut sums: [[V; NV]; MR],
        at: Place,
        row: usize,
        steps: usize,
    ) -> [[V; NV]; MR]
    where
        R: Stream<V, NV>,
    {
        let Windows { channels, .. } = self.windows;
        let mut input = self.windows.input(at, [self.row_tap, self.low]) * channels + row;
        let mut output = self.windows.output(at);
        for _ in 0..steps {
            let Some(numbers) = self.x.get(input..).and_then(|x| x.first_chunk::<MR>()) else { break };
            let row = self.rows.row(output);
            for (number, sums) in numbers.iter().zip(&mut sums) {
                let number = V::broadcast(machine, *number);
                for (sum, row) in sums.iter_mut().zip(&row) {
                    *sum = number.mul_add(*row, *sum);
                }
            }
            input += self.windows.distance() * channels;
            output += self.windows.pitch();
        }
        sums
    }

    /// The same for places that see inputs with some of the taps only.
    #[inline(always)]
    fn some<V: Lanes, const MR: usize, const NV: usize>(
        &self,
        machine: V::Machine,
        mut sums: [[V; NV]; MR],
        at: Place,
        row: usize,
        steps: usize,
    ) -> [[V; NV]; MR]
    where
        R: Stream<V, NV>,
    {
        let Windows { columns, channels, .. } = self.windows;
        let (mut input, mut output) = (0, self.windows.output(at));
        for _ in 0..steps {
            let streamed = self.rows.row(output);
            let (mut tap, mut channel) = (self.low, row);
            for sums in &mut sums {
                if let (Some(_), [_, column]) = (columns.input(at[1], tap), at) {
                    let from = self.windows.input([at[0], column], [self.row_tap, tap]) * channels + channel + input;
                    let number = V::broadcast(machine, self.x.get(from).copied().unwrap_or(0.0));
                    for (sum, row) in sums.iter_mut().zip(&streamed) {
                        *sum = number.mul_add(*row, *sum);
                    }
                }
                channel += 1;
                if channel == channels {
                    (tap, channel) = (tap + 1, 0);
                }
            }
            input += self.windows.distance() * channels;
            output += self.windows.pitch();
        }
        sums
    }
}
