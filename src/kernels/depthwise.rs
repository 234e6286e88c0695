//! The three products of a depthwise convolution, which has one filter per channel: `y[o][c] = b[c] + Σ x[o + tap][c] ·
//! w[tap][c]`.
//!
//! `x`, `y`, `dz` and `dx` are samples of [places with channels](super::windows), `w` is `[rows][columns][C]`. Lanes lie along
//! the channels.

use super::axis::Axis;
use super::elementwise::{self, Map};
use super::four::{Four, REGISTERS};
use super::lanes::{NATIVE, add_products};
use super::machine::{Build, Machine, dispatch};
use super::matmul::{self, Plain};
use super::windows::{self, Fold, Windows, full, zeros};
use super::{Lanes, no_unrolling, written_out};

/// `y = epilogue(b + Σ x · w)`. A sum starts at the bias, and the taps follow in order.
#[inline]
pub fn forward<E: Map>(windows: &Windows, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32], epilogue: &E) {
    if NATIVE == 1 {
        windows::fold(&Weighted { w, b, epilogue: &Plain }, windows, x, y);
        matmul::finish(y, epilogue);
    } else {
        windows::fold(&Weighted { w, b, epilogue }, windows, x, y);
    }
}

/// The outputs in the place of the inputs, if input and output have the same lengths, and there is neither stride nor dilation.
/// `rows` has room for as many rows as there are rows of taps: the inputs that are still needed are copied there.
pub fn in_place<E: Map>(windows: &Windows, x: &mut [f32], w: &[f32], b: &[f32], epilogue: &E, rows: &mut [f32]) {
    let Axis { inputs, taps, before, .. } = windows.rows;
    let width = windows.columns.inputs * windows.channels;
    let mut copied = 0;
    for row in 0..inputs {
        // The rows that the windows of this row see; the last of `rows` is the last that was copied.
        let (first, end) = (row.saturating_sub(before), inputs.min(row + taps - before));
        while copied < end {
            // Row by row: `copy_within` has a path to a panic in builds for size.
            for row in 1..taps {
                let (before, rest) = rows.split_at_mut_checked(row * width).unwrap_or_default();
                let to = before.get_mut((row - 1) * width..).unwrap_or_default();
                elementwise::copy(rest.get(..width).unwrap_or_default(), to);
            }
            let to = rows.get_mut((taps - 1) * width..).unwrap_or_default();
            elementwise::copy(x.get(copied * width..(copied + 1) * width).unwrap_or_default(), to);
            copied += 1;
        }
        let seen = Axis { inputs: end - first, outputs: 1, before: before.saturating_sub(row), ..windows.rows };
        let rows = rows.get((taps + first - end) * width..).unwrap_or_default();
        let y = x.get_mut(row * width..(row + 1) * width).unwrap_or_default();
        forward(&Windows { rows: seen, ..*windows }, rows, w, b, y, epilogue);
    }
}

/// `dx[i] = Σ dz[o] · w[tap]`, over the outputs `o` that see input `i` with a tap. A sum starts at 0, and the taps follow in
/// order.
#[inline]
pub fn input_gradient(windows: &Windows, dz: &[f32], w: &[f32], dx: &mut [f32]) {
    windows::fold_back(&Weighted { w, b: &[], epilogue: &Plain }, windows, dz, dx);
}

/// A sum of products.
pub(super) struct Weighted<'a, E> {
    pub w: &'a [f32],
    pub b: &'a [f32],
    pub epilogue: &'a E,
}

impl<E: Map> Fold for Weighted<'_, E> {
    const WEIGHTED: bool = true;

    #[inline(always)]
    fn weights(&self) -> &[f32] {
        self.w
    }

    #[inline(always)]
    fn start<V: Lanes, const N: usize>(&self, machine: V::Machine, at: usize) -> [V; N] {
        full(machine, self.b, at).unwrap_or(zeros(machine))
    }

    #[inline(always)]
    fn step<V: Lanes>(&self, sum: V, x: V, weight: V) -> V {
        x.mul_add(weight, sum)
    }

    #[inline(always)]
    fn finish<V: Lanes>(&self, sum: V) -> V {
        self.epilogue.map(sum)
    }
}

/// One row of taps of the gradient of `w`: `dw[tap] = Σ x[i] · dz[o]`, over the places `i` that outputs `o` see with the tap.
/// A sum starts at 0. Samples follow in order, rows in a sample, and columns in a row.
#[inline(never)]
pub fn weight_gradient(windows: &Windows, tap_row: usize, x: &[f32], dz: &[f32], dw: &mut [f32]) {
    dispatch!(machine if windows.channels >= 8 => weight_gradient_on(machine, windows, tap_row, x, dz, dw))
}

#[inline(always)]
fn weight_gradient_on<M: Machine>(
    machine: M,
    windows: &Windows,
    tap_row: usize,
    x: &[f32],
    dz: &[f32],
    dw: &mut [f32],
) {
    match windows.channels {
        4.. if const { M::LANES == 1 && REGISTERS } => {
            weight_gradient_lanes::<Four, 1, 3>(Build, windows, tap_row, x, dz, dw)
        }
        _ if const { M::LANES == 1 } => weight_gradient_lanes::<f32, 1, 1>(Build, windows, tap_row, x, dz, dw),
        32.. if const { M::LANES == 16 } => weight_gradient_lanes::<M::V16, 2, 3>(machine, windows, tap_row, x, dz, dw),
        16.. if const { M::LANES >= 8 } => weight_gradient_lanes::<M::V8, 2, 3>(machine, windows, tap_row, x, dz, dw),
        8.. if const { M::LANES >= 4 } => weight_gradient_lanes::<M::V4, 2, 3>(machine, windows, tap_row, x, dz, dw),
        _ => weight_gradient_lanes::<f32, 1, 1>(Build, windows, tap_row, x, dz, dw),
    }
}

/// `G` taps and `N` vectors of channels at a time. The last ones are moved back, which computes some of them twice.
#[inline(always)]
pub(super) fn weight_gradient_lanes<V: Lanes, const N: usize, const G: usize>(
    machine: V::Machine,
    windows: &Windows,
    tap_row: usize,
    x: &[f32],
    dz: &[f32],
    dw: &mut [f32],
) {
    let (taps, channels) = (windows.columns.taps, windows.channels);
    let (mut at, mut next) = (0, 0);
    while next < channels {
        let mut tap = 0;
        while tap < taps {
            if let Some(last) = taps.checked_sub(G) {
                add_taps::<V, N, G>(machine, windows, [tap_row, tap.min(last), at], x, dz, dw);
                tap += G;
            } else {
                add_taps::<V, N, 1>(machine, windows, [tap_row, tap, at], x, dz, dw);
                tap += 1;
            }
        }
        next = at + N * V::LANES;
        at = next.min(channels.saturating_sub(N * V::LANES));
    }
}

/// `G` neighbouring taps of one row, from tap `tap` on: a number of `dz` is loaded once for all of them.
#[cfg_attr(not(debug_assertions), inline(always))]
fn add_taps<V: Lanes, const N: usize, const G: usize>(
    machine: V::Machine,
    windows: &Windows,
    [tap_row, tap, at]: [usize; 3],
    x: &[f32],
    dz: &[f32],
    dw: &mut [f32],
) {
    let Windows { rows, columns, channels } = *windows;
    let (x_len, dz_len) = (windows.input_len(), windows.output_len());
    let (x_width, dz_width) = (columns.inputs * channels, columns.outputs * channels);
    let (distance, right) = (columns.stride * channels, columns.dilation * channels);
    let top = (tap_row * rows.dilation).wrapping_sub(rows.before).wrapping_mul(x_width);
    let left = (tap * columns.dilation).wrapping_sub(columns.before).wrapping_mul(channels).wrapping_add(at);
    let mut sums = [zeros::<V, N>(machine); G];
    let (mut x, mut dz) = (x, dz);
    while let (true, Some((sample, rest))) = (x_len > 0, x.split_at_checked(x_len)) {
        let Some((dz_sample, dz_rest)) = dz.split_at_checked(dz_len) else { break };
        let (mut row, mut dz_row) = (top, 0);
        while let Some(dz) = dz_sample.get(dz_row..dz_row + dz_width) {
            if let Some(places) = sample.get(row..row.wrapping_add(x_width)) {
                let (mut from, mut output) = (left, at);
                while let Some(dz) = full::<V, N>(machine, dz, output) {
                    let mut place = from;
                    written_out!(g in G {
                        if let Some(x) = full::<V, N>(machine, places, place) {
                            add_products(&x, &dz, &mut sums[g]);
                        }
                        place = place.wrapping_add(right);
                    });
                    from = from.wrapping_add(distance);
                    output += channels;
                    no_unrolling();
                }
            }
            row = row.wrapping_add(rows.stride * x_width);
            dz_row += dz_width;
        }
        (x, dz) = (rest, dz_rest);
    }
    let mut to = tap * channels + at;
    written_out!(g in G {
        if let Some(dw) = dw.get_mut(to..to + N * V::LANES) {
            written_out!(n in N {
                sums[g][n].store(dw.get_mut(n * V::LANES..).unwrap_or_default());
            });
        }
        to += channels;
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::widths::{all_widths, assert_same, numbers, on_each_machine, wide};
    use crate::kernels::windows::tests::{seen, some, widths};
    use crate::kernels::windows::{backward as backward_pass, forward as forward_pass};
    use std::vec;
    use std::vec::Vec;

    const SAMPLES: usize = 2;

    /// `x`, `w`, `b` and `dz`.
    fn data(windows: &Windows) -> [Vec<f32>; 4] {
        let taps = windows.rows.taps * windows.columns.taps;
        [SAMPLES * windows.input_len(), taps * windows.channels, windows.channels, SAMPLES * windows.output_len()]
            .map(|n| numbers(n, n as u64))
    }

    fn assert_close(got: &[f32], want: &[f64], what: &str) {
        assert_eq!(got.len(), want.len());
        for (i, (got, want)) in got.iter().zip(want).enumerate() {
            assert!((f64::from(*got) - want).abs() < 2e-5, "{what}, number {i}: {got}, not {want}");
        }
    }

    /// All three products against plain loops in f64.
    #[test]
    fn values() {
        for windows in (1..=40).flat_map(some) {
            let ([x, w, b, dz], channels) = (data(&windows), windows.channels);
            let mut want = [x.len(), w.len(), dz.len()].map(|n| vec![0.0_f64; n]);
            let [want_dx, want_dw, want_y] = &mut want;
            for (i, y) in want_y.iter_mut().enumerate() {
                *y = f64::from(b[i % channels]);
            }
            for (sample, [o, i, tap], c) in (0..SAMPLES)
                .flat_map(|s| seen(&windows).into_iter().flat_map(move |at| (0..channels).map(move |c| (s, at, c))))
            {
                let i = sample * windows.input_len() + i * channels + c;
                let o = sample * windows.output_len() + o * channels + c;
                let tap = tap * channels + c;
                want_y[o] += f64::from(x[i]) * f64::from(w[tap]);
                want_dx[i] += f64::from(dz[o]) * f64::from(w[tap]);
                want_dw[tap] += f64::from(dz[o]) * f64::from(x[i]);
            }
            let [mut dx, mut dw, mut y] = [x.len(), w.len(), dz.len()].map(|n| vec![f32::NAN; n]);
            forward(&windows, &x, &w, &b, &mut y, &Plain);
            input_gradient(&windows, &dz, &w, &mut dx);
            for (row, dw) in dw.chunks_mut(windows.columns.taps * channels).enumerate() {
                weight_gradient(&windows, row, &x, &dz, dw);
            }
            assert_close(&y, want_y, "y");
            assert_close(&dx, want_dx, "dx");
            assert_close(&dw, want_dw, "dw");
        }
    }

    #[test]
    fn all_widths_are_the_same() {
        on_each_machine!(machine => all_widths_on(machine));
    }

    fn all_widths_on<M: Machine>(machine: M) {
        for windows in [32, 33, 47, 64].into_iter().flat_map(some) {
            let ([x, w, b, dz], Windows { rows, columns, .. }) = (data(&windows), windows);
            let f = Weighted { w: &w, b: &b, epilogue: &Plain };
            assert_same(widths(machine, &f, &forward_pass(&windows), &x, dz.len()), "y");
            let f = Weighted { b: &[], ..f };
            for (row, column) in (0..rows.stride).flat_map(|row| (0..columns.stride).map(move |column| (row, column))) {
                assert_same(widths(machine, &f, &backward_pass(&windows, row, column), &dz, x.len()), "dx");
            }
            let run = |pass: &dyn Fn(&mut [f32])| {
                let mut dw = vec![0.0; columns.taps * windows.channels];
                pass(&mut dw);
                dw
            };
            let row = rows.taps - 1;
            let one = run(&|dw| weight_gradient_lanes::<f32, 1, 1>(Build, &windows, row, &x, &dz, dw));
            let four = run(&|dw| weight_gradient_lanes::<Four, 1, 3>(Build, &windows, row, &x, &dz, dw));
            assert_same([one.clone(), four.clone(), four.clone(), four], "dw, four lanes that are no vector");
            let wide = wide!(
                M,
                run(&|dw| weight_gradient_lanes::<M::V4, 2, 3>(machine, &windows, row, &x, &dz, dw)),
                run(&|dw| weight_gradient_lanes::<M::V8, 2, 3>(machine, &windows, row, &x, &dz, dw)),
                run(&|dw| weight_gradient_lanes::<M::V16, 2, 3>(machine, &windows, row, &x, &dz, dw))
            );
            assert_same(all_widths::<M>(|| one.clone(), wide), "dw");
        }
    }

    /// A sample gives the same bits in any batch.
    #[test]
    fn a_batch_equals_its_samples() {
        for windows in [3, 8, 21, 32].into_iter().flat_map(some) {
            let [x, w, b, dz] = data(&windows);
            let [mut y, mut single] = [(); 2].map(|()| vec![0.0; dz.len()]);
            forward(&windows, &x, &w, &b, &mut y, &Plain);
            for (x, y) in x.chunks(windows.input_len()).zip(single.chunks_mut(windows.output_len())) {
                forward(&windows, x, &w, &b, y, &Plain);
            }
            assert_eq!(y, single);
        }
    }
}
