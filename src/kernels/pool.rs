//! Pools: the largest number of a window and the mean, channel by channel, of the places that exist.

use super::elementwise::{self, Map};
use super::four::{Four, REGISTERS};
use super::machine::{Build, Machine, dispatch};
use super::windows::{self, Fold, Windows, full, zeros};
use super::{Lanes, channels, no_unrolling, written_out};

/// `y` = the largest number that a window sees; NaN if it sees one.
#[inline]
pub fn max(windows: &Windows, x: &[f32], y: &mut [f32]) {
    windows::fold(&Largest, windows, x, y);
}

/// `dx` = the sum of `dy` over the windows of which a place is the first with the largest number.
pub fn max_gradient(windows: &Windows, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    share::<First>(windows, x, y, dy, dx);
}

/// `y` = the mean of the numbers that a window sees: their sum, times the inverse of their number.
#[inline]
pub fn average(windows: &Windows, x: &[f32], y: &mut [f32]) {
    windows::fold(&Sum, windows, x, y);
    divide(windows, y);
}

/// `dx` = the sum of `dy` over the windows that see a place, each divided by the number of its places. It leaves the quotients
/// in `dy`.
pub fn average_gradient(windows: &Windows, dy: &mut [f32], dx: &mut [f32]) {
    divide(windows, dy);
    share::<Every>(windows, &[], &[], dy, dx);
}

pub(super) struct Largest;

impl Fold for Largest {
    const WEIGHTED: bool = false;

    #[inline(always)]
    fn weights(&self) -> &[f32] {
        &[]
    }

    #[inline(always)]
    fn start<V: Lanes, const N: usize>(&self, machine: V::Machine, _: usize) -> [V; N] {
        [V::broadcast(machine, f32::NEG_INFINITY); N]
    }

    /// Both maxima are the same number, or ±0, unless there is a NaN. One of them then is this NaN, and still is one with more
    /// bits set.
    #[inline(always)]
    fn step<V: Lanes>(&self, sum: V, x: V, _: V) -> V {
        V::from_bits(sum.max(x).to_bits() | x.max(sum).to_bits())
    }

    #[inline(always)]
    fn finish<V: Lanes>(&self, sum: V) -> V {
        sum
    }
}

pub(super) struct Sum;

impl Fold for Sum {
    const WEIGHTED: bool = false;

    #[inline(always)]
    fn weights(&self) -> &[f32] {
        &[]
    }

    #[inline(always)]
    fn start<V: Lanes, const N: usize>(&self, machine: V::Machine, _: usize) -> [V; N] {
        zeros(machine)
    }

    #[inline(always)]
    fn step<V: Lanes>(&self, sum: V, x: V, _: V) -> V {
        sum + x
    }

    #[inline(always)]
    fn finish<V: Lanes>(&self, sum: V) -> V {
        sum
    }
}

/// Divides each output by the number of places that its window sees.
#[inline(never)]
fn divide(windows: &Windows, y: &mut [f32]) {
    dispatch!(machine if windows.channels >= 8 => divide_on(machine, windows, y))
}

#[inline(always)]
fn divide_on<M: Machine>(machine: M, windows: &Windows, y: &mut [f32]) {
    let Windows { rows, columns, channels } = *windows;
    let (mut row, mut column, mut y) = (0, 0, y);
    while let (true, Some((place, rest))) = (channels > 0, y.split_at_mut_checked(channels)) {
        let count = rows.taps_that_see(row) * columns.taps_that_see(column);
        elementwise::map_on(machine, &Times(1.0 / count as f32), place);
        y = rest;
        column += 1;
        if column == columns.outputs {
            (row, column) = (row + 1, 0);
        }
        if row == rows.outputs {
            row = 0;
        }
    }
}

/// The product with a number.
struct Times(f32);

impl Map for Times {
    #[inline(always)]
    fn map<V: Lanes>(&self, x: V) -> V {
        x * x.splat(self.0)
    }
}

/// How the gradient of an output is shared among the places of its window.
pub(super) trait Share {
    /// Whether it depends on `x` and `y`.
    const COMPARES: bool;
    /// What a place takes of what is left, and what is left for those after it.
    fn take<V: Lanes>(x: V, y: V, rest: V) -> (V, V);
}

/// The first place with the largest number takes all. If the largest is a NaN, the first place takes all.
pub(super) struct First;

impl Share for First {
    const COMPARES: bool = true;
    #[inline(always)]
    fn take<V: Lanes>(x: V, y: V, rest: V) -> (V, V) {
        (x.zero_if_less(y, rest), x.value_if_less(y, rest))
    }
}

/// Every place takes the same.
pub(super) struct Every;

impl Share for Every {
    const COMPARES: bool = false;
    #[inline(always)]
    fn take<V: Lanes>(_: V, _: V, rest: V) -> (V, V) {
        (rest, rest)
    }
}

/// `dx` = the sum of what each place takes, window after window. One copy for all shapes.
#[inline(never)]
fn share<S: Share>(windows: &Windows, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    dispatch!(machine if windows.channels >= 8 => share_on::<_, S>(machine, windows, x, y, dy, dx))
}

#[inline(always)]
fn share_on<M: Machine, S: Share>(machine: M, windows: &Windows, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    match windows.channels {
        4.. if const { M::LANES == 1 && REGISTERS } => share_lanes::<Four, 1, S>(Build, windows, x, y, dy, dx),
        _ if const { M::LANES == 1 } => share_lanes::<f32, 1, S>(Build, windows, x, y, dy, dx),
        16.. if const { M::LANES == 16 } => share_lanes::<M::V16, 4, S>(machine, windows, x, y, dy, dx),
        8.. if const { M::LANES >= 8 } => share_lanes::<M::V8, 4, S>(machine, windows, x, y, dy, dx),
        4.. if const { M::LANES >= 4 } => share_lanes::<M::V4, 4, S>(machine, windows, x, y, dy, dx),
        _ => share_lanes::<f32, 1, S>(Build, windows, x, y, dy, dx),
    }
}

/// `MANY` vectors of channels at a time where there are as many.
#[inline(always)]
pub(super) fn share_lanes<V: Lanes, const MANY: usize, S: Share>(
    machine: V::Machine,
    windows: &Windows,
    x: &[f32],
    y: &[f32],
    dy: &[f32],
    dx: &mut [f32],
) {
    let Windows { rows, columns, channels } = *windows;
    let (x_width, y_width) = (columns.inputs * channels, columns.outputs * channels);
    let (x_len, y_len) = (windows.input_len(), windows.output_len());
    let (mut x, mut y, mut dy, mut dx) = (x, y, dy, dx);
    while let (true, Some((dx_sample, dx_rest))) = (x_len > 0, dx.split_at_mut_checked(x_len)) {
        dx_sample.fill(0.0);
        let Some((dy_sample, dy_rest)) = dy.split_at_checked(y_len) else { break };
        let (x_sample, x_rest) = x.split_at_checked(x_len).unwrap_or_default();
        let (y_sample, y_rest) = y.split_at_checked(y_len).unwrap_or_default();
        let (mut row, mut output) = (0_usize.wrapping_sub(rows.before).wrapping_mul(x_width), 0);
        while let Some(dy) = dy_sample.get(output..output + y_width) {
            let y = y_sample.get(output..output + y_width).unwrap_or_default();
            let mut at = 0;
            while MANY > 1 && at + MANY * V::LANES <= channels {
                share_row::<V, MANY, S>(machine, windows, [row, at], x_sample, y, dy, dx_sample);
                at += MANY * V::LANES;
            }
            while MANY > 2 && at + 2 * V::LANES <= channels {
                share_row::<V, 2, S>(machine, windows, [row, at], x_sample, y, dy, dx_sample);
                at += 2 * V::LANES;
            }
            while at + V::LANES <= channels {
                share_row::<V, 1, S>(machine, windows, [row, at], x_sample, y, dy, dx_sample);
                at += V::LANES;
            }
            // A number must not be added twice, so the last channels are single ones.
            while V::LANES > 1 && at < channels {
                share_row::<f32, 1, S>(Build, windows, [row, at], x_sample, y, dy, dx_sample);
                at += 1;
            }
            row = row.wrapping_add(rows.stride * x_width);
            output += y_width;
        }
        (x, y, dy, dx) = (x_rest, y_rest, dy_rest, dx_rest);
    }
}

/// `N` vectors of channels of one row of windows, whose first places lie in the row of `x` at `top`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn share_row<V: Lanes, const N: usize, S: Share>(
    machine: V::Machine,
    windows: &Windows,
    [top, at]: [usize; 2],
    x: &[f32],
    y: &[f32],
    dy: &[f32],
    dx: &mut [f32],
) {
    let Windows { rows, columns, channels } = *windows;
    let width = columns.inputs * channels;
    // The last number of a row at which the vectors of a place can begin.
    let Some(last) = width.checked_sub(N * V::LANES) else { return };
    let mut left = 0_usize.wrapping_sub(columns.before).wrapping_mul(channels).wrapping_add(at);
    let mut output = at;
    while let Some(mut rest) = full::<V, N>(machine, dy, output) {
        let y: [V; N] = if S::COMPARES { full(machine, y, output).unwrap_or(zeros(machine)) } else { rest };
        let mut row = top;
        for _ in 0..rows.taps {
            let this = row..row.wrapping_add(width);
            let places = if S::COMPARES { x.get(this.clone()).unwrap_or_default() } else { &[] };
            if let Some(dx) = dx.get_mut(this) {
                let mut place = left;
                for _ in 0..columns.taps {
                    if place <= last {
                        let x = if S::COMPARES { full(machine, places, place).unwrap_or(y) } else { y };
                        let dx = dx.get_mut(place..place + N * V::LANES).unwrap_or_default();
                        written_out!(n in N {
                            let taken;
                            (taken, rest[n]) = S::take(x[n], y[n], rest[n]);
                            let dx = dx.get_mut(n * V::LANES..).unwrap_or_default();
                            (V::load(machine, dx) + taken).store(dx);
                        });
                    }
                    place = place.wrapping_add(columns.dilation * channels);
                    no_unrolling();
                }
            }
            row = row.wrapping_add(rows.dilation * width);
        }
        output += channels;
        left = left.wrapping_add(columns.stride * channels);
    }
}

/// `y` = the mean of each channel over all places of one sample. The sum has the order of [`channels::sum`].
#[inline]
pub fn global_average(x: &[f32], y: &mut [f32]) {
    channels::total(x, y);
    let places = x.len().checked_div(y.len()).unwrap_or_default();
    elementwise::map(&Times(1.0 / places as f32), y);
}

/// `dx` = `dy` divided by the number of places, at each place of one sample. It leaves the quotient in `dy`.
#[inline]
pub fn global_average_gradient(dy: &mut [f32], dx: &mut [f32]) {
    let places = dx.len().checked_div(dy.len()).unwrap_or_default();
    elementwise::map(&Times(1.0 / places as f32), dy);
    let mut dx = dx;
    while let (true, Some((place, rest))) = (!dy.is_empty(), dx.split_at_mut_checked(dy.len())) {
        elementwise::copy(dy, place);
        dx = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::axis::Axis;
    use crate::kernels::widths::{all_widths, assert_same, numbers, on_each_machine, wide};
    use crate::kernels::windows::tests::{seen, some, widths};
    use std::vec;
    use std::vec::Vec;

    const SAMPLES: usize = 2;

    /// `x` with ties, and `dy`.
    fn data(windows: &Windows) -> [Vec<f32>; 2] {
        let x = numbers(SAMPLES * windows.input_len(), 1).into_iter().map(|x| (4.0 * x).trunc());
        [x.collect(), numbers(SAMPLES * windows.output_len(), 2)]
    }

    /// Both pools against plain loops in f64.
    #[test]
    fn values() {
        for windows in (1..=40).flat_map(some) {
            let ([x, dy], channels, seen) = (data(&windows), windows.channels, seen(&windows));
            let [mut max_y, mut mean_y] = [f32::NAN; 2].map(|y| vec![y; dy.len()]);
            let [mut max_dx, mut mean_dx] = [f32::NAN; 2].map(|dx| vec![dx; x.len()]);
            max(&windows, &x, &mut max_y);
            average(&windows, &x, &mut mean_y);
            max_gradient(&windows, &x, &max_y, &dy, &mut max_dx);
            average_gradient(&windows, &mut dy.clone(), &mut mean_dx);
            let [mut want_max_dx, mut want_mean_dx] = [0.0_f64; 2].map(|dx| vec![dx; x.len()]);
            for (sample, o) in (0..SAMPLES).flat_map(|s| (0..windows.output_len()).map(move |o| (s, o))) {
                let (place, c) = (o / channels, o % channels);
                let input = |i: usize| sample * windows.input_len() + i * channels + c;
                let inputs: Vec<usize> = seen.iter().filter(|at| at[0] == place).map(|at| input(at[1])).collect();
                let o = sample * windows.output_len() + o;
                if inputs.is_empty() {
                    assert!(max_y[o] == f32::NEG_INFINITY && mean_y[o].is_nan());
                    continue;
                }
                let largest = inputs.iter().map(|i| x[*i]).fold(f32::NEG_INFINITY, f32::max);
                let (count, dy) = (inputs.len() as f64, f64::from(dy[o]));
                let mean = inputs.iter().map(|i| f64::from(x[*i])).sum::<f64>() / count;
                assert_eq!(max_y[o], largest);
                assert!((f64::from(mean_y[o]) - mean).abs() < 1e-6);
                want_max_dx[*inputs.iter().find(|i| x[**i] == largest).unwrap()] += dy;
                inputs.iter().for_each(|i| want_mean_dx[*i] += dy / count);
            }
            for (got, want) in [(max_dx, want_max_dx), (mean_dx, want_mean_dx)] {
                assert!(got.iter().zip(want).all(|(got, want)| (f64::from(*got) - want).abs() < 2e-6));
            }
        }
    }

    #[test]
    fn all_widths_are_the_same() {
        on_each_machine!(machine => all_widths_on(machine));
    }

    fn all_widths_on<M: Machine>(machine: M) {
        for windows in [32, 33, 47, 64].into_iter().flat_map(some) {
            let ([mut x, dy], pass) = (data(&windows), windows::forward(&windows));
            x.iter_mut().step_by(17).for_each(|x| *x = f32::NAN);
            let y = widths(machine, &Largest, &pass, &x, dy.len());
            assert_same(y.clone(), "maximum");
            assert_same(widths(machine, &Sum, &pass, &x, dy.len()), "sum");
            share_on_widths::<M, First>(machine, &windows, &x, &y[0], &dy);
            share_on_widths::<M, Every>(machine, &windows, &x, &y[0], &dy);
        }
    }

    fn share_on_widths<M: Machine, S: Share>(machine: M, windows: &Windows, x: &[f32], y: &[f32], dy: &[f32]) {
        let run = |pass: &dyn Fn(&mut [f32])| {
            let mut dx = vec![0.0; x.len()];
            pass(&mut dx);
            dx
        };
        let wide = wide!(
            M,
            run(&|dx| share_lanes::<M::V4, 4, S>(machine, windows, x, y, dy, dx)),
            run(&|dx| share_lanes::<M::V8, 4, S>(machine, windows, x, y, dy, dx)),
            run(&|dx| share_lanes::<M::V16, 4, S>(machine, windows, x, y, dy, dx))
        );
        let four = run(&|dx| share_lanes::<Four, 1, S>(Build, windows, x, y, dy, dx));
        let one = || run(&|dx| share_lanes::<f32, 1, S>(Build, windows, x, y, dy, dx));
        assert_same([one(), four.clone(), four.clone(), four], "dx, four lanes that are no vector");
        assert_same(all_widths::<M>(one, wide), "dx");
    }

    /// A NaN is not lost, wherever it stands in a window. Its gradient goes to the first place.
    #[test]
    fn not_a_number() {
        let windows = Windows::over_sequence(Axis::new(3, 1, 3, 1, 1), 1);
        for at in 0..3 {
            let (mut x, mut y, mut dx) = ([f32::INFINITY; 3], [0.0], [9.0; 3]);
            x[at] = f32::NAN;
            max(&windows, &x, &mut y);
            max_gradient(&windows, &x, &y, &[1.0], &mut dx);
            assert!(y[0].is_nan());
            assert_eq!(dx, [1.0, 0.0, 0.0]);
        }
    }

    #[test]
    fn global() {
        let (mut y, mut dx) = ([0.0; 2], [0.0; 6]);
        global_average(&[1.0, 2.0, 3.0, 4.0, 5.0, 12.0], &mut y);
        assert_eq!(y, [3.0, 6.0]);
        global_average_gradient(&mut y, &mut dx);
        assert_eq!((y, dx), ([1.0, 2.0], [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]));
    }
}
