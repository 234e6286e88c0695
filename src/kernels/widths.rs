//! Runs every loop at every width in one build: the bits must not depend on the number of lanes.
//!
//! The functions that are passed to `map`, `zip`, `sum`, `update`, `channel_sum` and `channel_map` are tested in their own files, by the functions here.
//! Softmax and layer normalisation use only these loops. Products are tested in `matmul`, elementary functions in `tests`.

use super::channels::{self, ChannelMap, Terms};
use super::elementwise::{self, Map, Zip};
use super::machine::Build;
use super::reduce::{self, First, Product};
use super::update::{self, Gradient, Rule};
use super::{Lanes, math};
use crate::Sfc32;
use rand_core::{Rng, SeedableRng};
use std::vec::Vec;
use wide::{f32x4, f32x8, f32x16};

/// The largest length of slices tested: four of the widest vectors, and three more.
const LENGTHS: usize = 67;

/// Returns `n` numbers, uniform between −1 and 1.
pub(crate) fn numbers(n: usize, seed: u64) -> Vec<f32> {
    let mut rng = Sfc32::seed_from_u64(seed);
    (0..n).map(|_| (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0).collect()
}

/// Checks that the results of 1, 4, 8 and 16 lanes are the same.
#[track_caller]
pub(crate) fn assert_same([one, wider @ ..]: [Vec<f32>; 4], what: &str) {
    for (lanes, wider) in [4, 8, 16].into_iter().zip(wider) {
        assert_eq!(one.len(), wider.len(), "{what}: lengths at 1 and {lanes} lanes");
        for (i, (one, wider)) in one.iter().zip(wider).enumerate() {
            // No target promises which NaN it gives.
            let same = one.to_bits() == wider.to_bits() || (one.is_nan() && wider.is_nan());
            assert!(same, "{what}, value {i}: {one:e} at 1 lane, {wider:e} at {lanes}");
        }
    }
}

/// Checks that [`elementwise::map`] gives the same bits at all widths.
#[track_caller]
pub(crate) fn map<F: Map>(f: &F) {
    let y = numbers(LENGTHS, 2);
    for n in 0..=LENGTHS {
        let run = |pass: fn(Build, &F, &mut [f32])| {
            let mut y = y.clone();
            pass(Build, f, &mut y[..n]);
            y
        };
        let all = [
            run(elementwise::map_pass::<f32, 1, F>),
            run(elementwise::map_pass::<f32x4, 4, F>),
            run(elementwise::map_pass::<f32x8, 8, F>),
            run(elementwise::map_pass::<f32x16, 16, F>),
        ];
        assert_same(all, &std::format!("length {n}"));
    }
}

/// Checks that [`elementwise::zip`] gives the same bits at all widths.
#[track_caller]
pub(crate) fn zip<F: Zip>(f: &F) {
    let (x, y) = (numbers(LENGTHS, 1), numbers(LENGTHS, 2));
    for n in 0..=LENGTHS {
        let run = |pass: fn(Build, &F, &[f32], &mut [f32])| {
            let mut y = y.clone();
            pass(Build, f, &x[..n], &mut y[..n]);
            y
        };
        let all = [
            run(elementwise::zip_pass::<f32, 1, F>),
            run(elementwise::zip_pass::<f32x4, 4, F>),
            run(elementwise::zip_pass::<f32x8, 8, F>),
            run(elementwise::zip_pass::<f32x16, 16, F>),
        ];
        assert_same(all, &std::format!("length {n}"));
    }
}

/// Checks that [`reduce::sum`] gives the same bits at all widths, also for slices of different lengths.
#[track_caller]
pub(crate) fn sum<F: Zip>(f: &F) {
    let (x, y) = (numbers(LENGTHS, 3), numbers(LENGTHS, 4));
    for n in 0..=LENGTHS {
        for (x, y) in [(&x[..n], &y[..n]), (&x[..n], &y[..]), (&x[..], &y[..n])] {
            let run = |sum: fn(Build, &F, &[f32], &[f32]) -> f32| std::vec![sum(Build, f, x, y)];
            let all = [
                run(reduce::sum_lanes::<f32, 16, F>),
                run(reduce::sum_lanes::<f32x4, 4, F>),
                run(reduce::sum_lanes::<f32x8, 2, F>),
                run(reduce::sum_lanes::<f32x16, 1, F>),
            ];
            assert_same(all, &std::format!("sum of {} and {}", x.len(), y.len()));
        }
    }
}

/// Checks that some steps of [`update::update`] give the same weights and moments at all widths.
#[track_caller]
pub(crate) fn update<const M: usize, R: Rule<M>>(rule: &R) {
    for n in 0..=LENGTHS {
        let run = |pass: fn(Build, &R, &mut [f32], Gradient<'_>, [&mut [f32]; M])| {
            let (mut w, mut moments) = (numbers(LENGTHS, 5), [(); M].map(|()| std::vec![0.0; LENGTHS]));
            for step in 0..3 {
                let g = numbers(n, 6 + step);
                pass(Build, rule, &mut w[..n], g.as_slice().into(), moments.each_mut().map(|m| &mut m[..n]));
            }
            w.extend(moments.into_iter().flatten());
            w
        };
        let all = [
            run(|_, rule, w, gradient, moments| update::one_lane::update_all(rule, w, gradient, moments)),
            run(update::rows::<f32x4, 4, M, R>),
            run(update::rows::<f32x8, 8, M, R>),
            run(update::rows::<f32x16, 16, M, R>),
        ];
        assert_same(all, &std::format!("length {n}"));
    }
}

/// Rows of channels: fewer than a block, and more.
const ROWS: [usize; 4] = [1, 2, 9, 70];

/// [`channels::sum`] does the same at all widths, for all numbers of channels.
#[track_caller]
pub(crate) fn channel_sum<const S: usize, T: Terms<S>>(terms: &T) {
    for (channels, rows) in (0..=LENGTHS).flat_map(|channels| ROWS.map(|rows| (channels, rows))) {
        let (x, y, mean) = (numbers(rows * channels, 1), numbers(rows * channels, 2), numbers(channels, 3));
        let run = |pass: fn(Build, &T, &[f32], &[f32], &[f32], [&mut [f32]; S])| {
            let mut sums = [(); S].map(|()| std::vec![f32::NAN; channels]);
            pass(Build, terms, &x, &y, &mean, sums.each_mut().map(|sums| &mut sums[..]));
            sums.concat()
        };
        let all = [
            run(channels::sum_lanes::<f32, 1, S, T>),
            run(channels::sum_lanes::<f32x4, 4, S, T>),
            run(channels::sum_lanes::<f32x8, 4, S, T>),
            run(channels::sum_lanes::<f32x16, 4, S, T>),
        ];
        let several = run(channels::sum_lanes::<f32, 4, S, T>);
        assert_same([all[0].clone(), several.clone(), several.clone(), several], "several channels at a time");
        assert_same(all, &std::format!("{rows} rows, {channels} channels"));
    }
}

/// [`channels::map`] does the same at all widths.
#[track_caller]
pub(crate) fn channel_map<F: ChannelMap>(f: &F, channels: usize) {
    for rows in ROWS {
        let (x, y) = (numbers(rows * channels, 1), numbers(rows * channels, 2));
        let run = |pass: fn(Build, &F, usize, &[f32], &[f32], &mut [f32])| {
            let mut out = std::vec![f32::NAN; rows * channels];
            pass(Build, f, channels, &x, &y, &mut out);
            out
        };
        let all = [
            run(channels::map_lanes::<f32, F>),
            run(channels::map_lanes::<f32x4, F>),
            run(channels::map_lanes::<f32x8, F>),
            run(channels::map_lanes::<f32x16, F>),
        ];
        assert_same(all, &std::format!("{rows} rows, {channels} channels"));
    }
}

/// A function that uses a bit of everything.
struct Mixed;

impl Zip for Mixed {
    fn zip<V: Lanes>(&self, x: V, y: V) -> V {
        x.mul_add(y, math::exp(y)) / (y * y + x.splat(0.5)).sqrt()
    }
}

#[test]
fn loops() {
    zip(&Mixed);
    zip(&First);
    sum(&Mixed);
    sum(&First);
    sum(&Product);
}
