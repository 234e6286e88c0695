//! `dx` of few input channels, which do not fill a vector: dot products of `dz` and `w` along the outputs.
//!
//! A tile has all channels of `MR` input places, which are seen with the same taps by output places that lie side by side. With a
//! stride, these are every `stride`-th place of a row.

use super::{Windows, split, split_mut};
use crate::kernels::lanes::add_products;
use crate::kernels::windows::Line;
use crate::kernels::{Lanes, no_unrolling, written_out};

/// Number of partial sums.
const PARTIAL: usize = 8;

/// Whether `dx` has this form.
pub(super) const fn is_better(channels: usize, outputs: usize) -> bool {
    channels <= 4 && outputs >= PARTIAL
}

/// The products of all samples: `C` channels at a time, in `P` vectors of partial sums.
#[inline(always)]
pub(super) fn input_gradient<V: Lanes, const P: usize, const C: usize, const MR: usize>(
    machine: V::Machine,
    windows: Windows,
    begin: &[f32],
    dz: &[f32],
    w: &[f32],
    dx: &mut [f32],
    outputs: usize,
) {
    let (mut dz, mut dx) = (dz, dx);
    while let (Some(dz), Some(dx)) =
        (split(&mut dz, windows.outputs() * outputs), split_mut(&mut dx, windows.inputs() * windows.channels))
    {
        for row in 0..windows.rows.stride {
            for column in 0..windows.columns.stride {
                let lines = [Line::backward(windows.rows, row), Line::backward(windows.columns, column)];
                Phase { windows, lines, begin, w, outputs }.all::<V, P, C, MR>(machine, dz, dx);
            }
        }
    }
}

/// The input places that are seen with the same taps, as far as outputs exist.
struct Phase<'a> {
    windows: Windows,
    /// How these places lie, by row and column.
    lines: [Line; 2],
    begin: &'a [f32],
    w: &'a [f32],
    outputs: usize,
}

impl Phase<'_> {
    /// Computes all places.
    #[inline(always)]
    fn all<V: Lanes, const P: usize, const C: usize, const MR: usize>(
        &self,
        machine: V::Machine,
        dz: &[f32],
        dx: &mut [f32],
    ) {
        let [rows, columns] = self.lines;
        let count = (columns.outputs + columns.step).saturating_sub(columns.first + 1);
        let count = count.checked_div(columns.step).unwrap_or_default();
        // Between `start` and `end`, the outputs that see a place with one of the taps all exist.
        let last = columns.start.wrapping_add(columns.taps.saturating_sub(1).wrapping_mul(columns.dilation));
        let start = not_below_0(last.wrapping_neg());
        let end = not_below_0(columns.inputs.wrapping_sub(columns.start)).min(count);
        let mut m = 0;
        while rows.first + m * rows.step < rows.outputs {
            let mut n = 0;
            while n < count {
                let whole = MR > 1 && start + MR <= end && (start..end).contains(&n);
                if whole {
                    // The last tile is moved back: a few places are computed twice.
                    n = n.min(end - MR);
                }
                for channel in (0..self.windows.channels).step_by(C) {
                    if const { MR > 1 } && whole {
                        self.tile::<V, P, C, MR>(machine, [m, n], channel, dz, dx);
                    } else {
                        self.tile::<V, P, C, 1>(machine, [m, n], channel, dz, dx);
                    }
                }
                n += if whole { MR } else { 1 };
            }
            m += 1;
        }
    }

    /// Computes `C` channels of `MR` input places, the first of which has these numbers in its phase.
    #[inline(always)]
    fn tile<V: Lanes, const P: usize, const C: usize, const MR: usize>(
        &self,
        machine: V::Machine,
        [m, n]: [usize; 2],
        channel: usize,
        dz: &[f32],
        dx: &mut [f32],
    ) {
        let Phase { windows, lines: [rows, columns], begin, w, outputs } = *self;
        let mut sums = [[[V::broadcast(machine, 0.0); P]; MR]; C];
        for i in 0..rows.taps {
            let output_row = rows.start.wrapping_add(m).wrapping_add(i.wrapping_mul(rows.dilation));
            for j in 0..columns.taps {
                let output = columns.start.wrapping_add(n).wrapping_add(j.wrapping_mul(columns.dilation));
                if output_row >= rows.inputs || output >= columns.inputs {
                    continue;
                }
                let tap = windows.weights([rows.tap + i * rows.tap_step, columns.tap + j * columns.tap_step]) + channel;
                let from = (output_row * columns.inputs + output) * outputs;
                let Some(dz) = dz.get(from..from + MR * outputs) else { continue };
                let Some(w) = w.get(tap * outputs..(tap + C) * outputs) else { continue };
                let mut k = 0;
                while k < outputs {
                    let mut z = [[V::broadcast(machine, 0.0); P]; MR];
                    written_out!(r in MR {
                        z[r] = part(machine, dz.get(r * outputs + k..(r + 1) * outputs));
                    });
                    written_out!(c in C {
                        let w = part::<V, P>(machine, w.get(c * outputs + k..(c + 1) * outputs));
                        written_out!(r in MR {
                            add_products(&z[r], &w, &mut sums[c][r]);
                        });
                    });
                    k += PARTIAL;
                    no_unrolling();
                }
            }
        }
        let row = rows.first + m * rows.step;
        for r in 0..MR {
            let to = row * windows.columns.inputs + columns.first + (n + r) * columns.step;
            for c in 0..C {
                let dx = dx.get_mut(to * windows.channels + channel + c);
                if let (Some(dx), Some(begin)) = (dx, begin.get(channel + c)) {
                    *dx = begin + by_halves(sums[c][r]);
                }
            }
        }
    }
}

/// The first eight numbers, filled up with zeros.
#[inline(always)]
fn part<V: Lanes, const P: usize>(machine: V::Machine, numbers: Option<&[f32]>) -> [V; P] {
    let mut part = [V::broadcast(machine, 0.0); P];
    written_out!(p in P {
        part[p] = V::load(machine, numbers.and_then(|numbers| numbers.get(p * V::LANES..)).unwrap_or_default());
    });
    part
}

/// Adds partial sums by halves: 4 + 4, 2 + 2, 1 + 1.
#[inline(always)]
fn by_halves<V: Lanes, const P: usize>(sums: [V; P]) -> f32 {
    let mut all = [0.0; PARTIAL];
    for p in 0..P {
        sums[p].store(all.get_mut(p * V::LANES..).unwrap_or_default());
    }
    let [a, b, c, d, e, f, g, h] = all;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// 0 if a number has wrapped around.
#[inline(always)]
fn not_below_0(number: usize) -> usize {
    if number > isize::MAX as usize { 0 } else { number }
}
