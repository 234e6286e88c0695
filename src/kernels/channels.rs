//! Passes over rows of channels: the sums of each channel, and functions whose numbers differ by channel.
//!
//! A slice holds rows of `C` numbers, one per channel, channels last. A row is a sample, or one place of a sequence or an
//! image.
//!
//! Order of a sum over rows: blocks of 64 rows are summed in order, each from 0; then the sums of the blocks are added in
//! order, from 0. It is the same for all channels, on every target.
//!
//! Vectors lie along the channels. Where a row ends within a vector, a sum has lanes that hold the front of the next row; they
//! are not stored. A result must not replace another row's, so the last vector of a row is moved back until it ends with the
//! row. A row that is shorter than a vector is stored with something behind it, which the next row replaces.

use super::machine::{Build, Machine, dispatch};
use super::{Lanes, no_unrolling, opaque};

/// Rows whose sum is added to the others as one.
const BLOCK: usize = 64;

/// What a row adds to the `S` sums of a channel.
pub trait Terms<const S: usize> {
    /// Adds the terms of `x` and `y` in a channel with this `mean`.
    fn add<V: Lanes>(&self, mean: V, x: V, y: V, sums: &mut [V; S]);
}

/// A function of a number each of two slices, and of up to four that belong to their channel.
pub trait ChannelMap {
    /// The four, for the channels from `at` on.
    fn channels<V: Lanes>(&self, machine: V::Machine, at: usize) -> [V; 4];
    /// The function.
    fn map<V: Lanes>(&self, channels: &[V; 4], x: V, y: V) -> V;
}

/// The vector that begins at `at`; zeros for what lies beyond the end.
#[inline(always)]
pub fn vector<V: Lanes>(machine: V::Machine, values: &[f32], at: usize) -> V {
    V::load(machine, values.get(at..).unwrap_or_default())
}

/// `out[s][c]` = the sum over rows of term `s` of channel `c`. There are as many channels as the first of `out` has room for.
#[inline]
pub fn sum<const S: usize, T: Terms<S>>(terms: &T, x: &[f32], y: &[f32], mean: &[f32], out: [&mut [f32]; S]) {
    let channels = out.first().map_or(0, |out| out.len());
    dispatch!(machine if channels > 4 => sum_on(machine, channels, terms, x, y, mean, out))
}

/// `out[c]` = the sum over rows of the numbers of channel `c`.
#[inline]
pub fn total(x: &[f32], out: &mut [f32]) {
    sum(&Numbers, x, x, &[], [out]);
}

pub(super) struct Numbers;

impl Terms<1> for Numbers {
    #[inline(always)]
    fn add<V: Lanes>(&self, _: V, x: V, _: V, [sum]: &mut [V; 1]) {
        *sum = *sum + x;
    }
}

#[inline(always)]
fn sum_on<M: Machine, const S: usize, T: Terms<S>>(
    machine: M,
    channels: usize,
    terms: &T,
    x: &[f32],
    y: &[f32],
    mean: &[f32],
    out: [&mut [f32]; S],
) {
    match channels {
        _ if const { M::LANES == 1 } => sum_one_lane(terms, x, y, mean, out),
        9.. if const { M::LANES == 16 } => sum_lanes::<M::V16, 4, S, T>(machine, terms, x, y, mean, out),
        9.. if const { M::LANES == 8 } => sum_lanes::<M::V8, 4, S, T>(machine, terms, x, y, mean, out),
        5.. if const { M::LANES >= 8 } => sum_lanes::<M::V8, 1, S, T>(machine, terms, x, y, mean, out),
        5.. if const { M::LANES == 4 } => sum_lanes::<M::V4, 4, S, T>(machine, terms, x, y, mean, out),
        2.. if const { M::LANES >= 4 } => sum_lanes::<M::V4, 1, S, T>(machine, terms, x, y, mean, out),
        _ => sum_lanes::<f32, 1, S, T>(Build, terms, x, y, mean, out),
    }
}

/// One copy for all shapes.
#[inline(never)]
fn sum_one_lane<const S: usize, T: Terms<S>>(terms: &T, x: &[f32], y: &[f32], mean: &[f32], out: [&mut [f32]; S]) {
    sum_lanes::<f32, 1, S, T>(Build, terms, x, y, mean, out);
}

/// `MANY` vectors of channels at a time, and single ones where a single one holds what is left.
#[inline(always)]
pub(super) fn sum_lanes<V: Lanes, const MANY: usize, const S: usize, T: Terms<S>>(
    machine: V::Machine,
    terms: &T,
    x: &[f32],
    y: &[f32],
    mean: &[f32],
    mut out: [&mut [f32]; S],
) {
    let channels = opaque(out.first().map_or(0, |out| out.len()));
    out.iter_mut().for_each(|out| out.fill(0.0));
    let (mut start, mut end) = (0, 0);
    while channels > 0 && end < x.len() {
        end = x.len().min(start + BLOCK * channels);
        let mut at = 0;
        while at < channels {
            if MANY > 1 && at + V::LANES < channels {
                add_rows::<V, MANY, S, T>(machine, terms, [start, end], channels, at, x, y, mean, &mut out);
                at += MANY * V::LANES;
            } else {
                add_rows::<V, 1, S, T>(machine, terms, [start, end], channels, at, x, y, mean, &mut out);
                at += V::LANES;
            }
            no_unrolling();
        }
        start = end;
    }
}

/// The sums of `N` vectors of channels, from channel `at` on, over the rows that lie between `start` and `end`.
#[inline(always)]
fn add_rows<V: Lanes, const N: usize, const S: usize, T: Terms<S>>(
    machine: V::Machine,
    terms: &T,
    [start, end]: [usize; 2],
    channels: usize,
    at: usize,
    x: &[f32],
    y: &[f32],
    mean: &[f32],
    out: &mut [&mut [f32]; S],
) {
    let mean = padded::<V, N>(machine, mean, at);
    let mut sums = [[V::broadcast(machine, 0.0); S]; N];
    let mut row = start + at;
    // Two loops: no vector of the first is padded, and what pads them would cost it registers.
    while V::LANES > 1 && row < end {
        let (Some(x), Some(y)) = (full::<V, N>(machine, x, row), full::<V, N>(machine, y, row)) else { break };
        for n in 0..N {
            terms.add(mean[n], x[n], y[n], &mut sums[n]);
        }
        row += channels;
    }
    while row < end {
        let (x, y) = (padded::<V, N>(machine, x, row), padded::<V, N>(machine, y, row));
        for n in 0..N {
            terms.add(mean[n], x[n], y[n], &mut sums[n]);
        }
        row += channels;
        no_unrolling();
    }
    for (n, sums) in sums.iter().enumerate() {
        for (sum, out) in sums.iter().zip(out.iter_mut()) {
            let out = out.get_mut(at + n * V::LANES..).unwrap_or_default();
            (V::load(machine, out) + *sum).store(out);
        }
    }
}

/// `N` vectors of a slice, if it has as many.
#[inline(always)]
fn full<V: Lanes, const N: usize>(machine: V::Machine, values: &[f32], from: usize) -> Option<[V; N]> {
    Some(padded(machine, values.get(from..from + N * V::LANES)?, 0))
}

/// `N` vectors of a slice; zeros for what lies beyond its end.
#[inline(always)]
fn padded<V: Lanes, const N: usize>(machine: V::Machine, values: &[f32], from: usize) -> [V; N] {
    let mut vectors = [V::broadcast(machine, 0.0); N];
    for n in 0..N {
        vectors[n] = vector(machine, values, from + n * V::LANES);
    }
    vectors
}

/// `out = f(x, y)`, number by number, with this number of channels.
#[inline]
pub fn map<F: ChannelMap>(f: &F, channels: usize, x: &[f32], y: &[f32], out: &mut [f32]) {
    dispatch!(machine if channels > 4 => map_on(machine, f, channels, x, y, out))
}

#[inline(always)]
fn map_on<M: Machine, F: ChannelMap>(machine: M, f: &F, channels: usize, x: &[f32], y: &[f32], out: &mut [f32]) {
    match channels {
        _ if const { M::LANES == 1 } => map_one_lane(f, channels, x, y, out),
        9.. if const { M::LANES == 16 } => map_lanes::<M::V16, F>(machine, f, channels, x, y, out),
        5.. if const { M::LANES >= 8 } => map_lanes::<M::V8, F>(machine, f, channels, x, y, out),
        2.. if const { M::LANES >= 4 } => map_lanes::<M::V4, F>(machine, f, channels, x, y, out),
        _ => map_lanes::<f32, F>(Build, f, channels, x, y, out),
    }
}

/// One copy for all shapes.
#[inline(never)]
fn map_one_lane<F: ChannelMap>(f: &F, channels: usize, x: &[f32], y: &[f32], out: &mut [f32]) {
    map_lanes::<f32, F>(Build, f, opaque(channels), x, y, out);
}

#[inline(always)]
pub(super) fn map_lanes<V: Lanes, F: ChannelMap>(
    machine: V::Machine,
    f: &F,
    channels: usize,
    x: &[f32],
    y: &[f32],
    out: &mut [f32],
) {
    // If a row takes several vectors, few rows at a time, so that they lie in the cache until all channels are done.
    let count = if V::LANES == 1 || channels <= V::LANES { out.len() } else { 16 * channels };
    let (mut start, mut end) = (0, 0);
    while channels > 0 && end < out.len() {
        end = out.len().min(start + count);
        let (mut at, mut next) = (0, 0);
        while next < channels {
            let numbers = f.channels::<V>(machine, at);
            let mut row = start + at;
            // Two loops, as in a sum.
            while V::LANES > 1 && row < end {
                let (Some([x]), Some([y])) = (full::<V, 1>(machine, x, row), full::<V, 1>(machine, y, row)) else {
                    break;
                };
                let Some(out) = out.get_mut(row..row + V::LANES) else { break };
                f.map(&numbers, x, y).store(out);
                row += channels;
            }
            while row < end {
                let out = out.get_mut(row..).unwrap_or_default();
                f.map(&numbers, vector::<V>(machine, x, row), vector(machine, y, row)).store(out);
                row += channels;
                no_unrolling();
            }
            next = at + V::LANES;
            at = next.min(channels.saturating_sub(V::LANES));
        }
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::widths::numbers;

    struct Both;

    impl Terms<2> for Both {
        fn add<V: Lanes>(&self, mean: V, x: V, y: V, [x_sum, y_sum]: &mut [V; 2]) {
            *x_sum = *x_sum + (x - mean);
            *y_sum = *y_sum + y;
        }
    }

    #[test]
    fn sums_have_the_documented_order() {
        for channels in 0..=67 {
            for rows in [0, 1, 2, 63, 64, 65, 200] {
                let (x, y) = (numbers(rows * channels, 1), numbers(rows * channels, 2));
                let mean = numbers(channels, 3);
                let mut want = [std::vec![0.0; channels], std::vec![0.0; channels]];
                for start in (0..rows).step_by(BLOCK) {
                    for c in 0..channels {
                        let mut sums = [0.0; 2];
                        for row in start..rows.min(start + BLOCK) {
                            sums[0] += x[row * channels + c] - mean[c];
                            sums[1] += y[row * channels + c];
                        }
                        want[0][c] += sums[0];
                        want[1][c] += sums[1];
                    }
                }
                let mut got = [std::vec![f32::NAN; channels], std::vec![f32::NAN; channels]];
                let [a, b] = &mut got;
                sum(&Both, &x, &y, &mean, [a, b]);
                assert_eq!(got, want, "{rows} rows, {channels} channels");
            }
        }
    }
}
