//! Runs every loop at every width in one build: the bits must not depend on the number of lanes.
//!
//! The functions that are passed to `map`, `zip`, `sum`, `update`, `channel_sum` and `channel_map` are tested in their own
//! files, by the functions here, on every machine that the processor at hand is.
//! Softmax and layer normalisation use only these loops. Products are tested in `matmul`, elementary functions in `tests`.

use super::channels::{self, ChannelMap, Terms};
use super::elementwise::{self, Map, Zip};
use super::lanes::FUSED;
use super::machine::{Build, Machine};
use super::reduce::{self, First, Product};
use super::update::{self, Gradient, Rule};
use super::{Lanes, math};
use crate::Sfc32;
use rand_core::{Rng, SeedableRng};
use std::vec::Vec;

/// The largest length of slices tested: four of the widest vectors, and three more.
const LENGTHS: usize = 67;

/// Whether the tests run all cases: those that are not optimised take some, but for the machines of `dispatch`, for which no
/// others are compiled.
pub(crate) const ALL: bool = cfg!(any(not(debug_assertions), feature = "dispatch"));

/// All lengths, or those near a multiple of 8.
fn lengths() -> impl Iterator<Item = usize> {
    (0..=LENGTHS).filter(|n| ALL || *n < 6 || (n + 1) % 8 < 3)
}

/// Whether vectors of so many lanes are tested. Those that no program for the machine has would take minutes to optimise, so that
/// they are only tested unoptimised.
pub(crate) const fn is_tested<M: Machine>(lanes: usize) -> bool {
    lanes <= 4 || lanes <= M::LANES || cfg!(debug_assertions)
}

/// Whether products and convolutions with so many columns are tested with them.
pub(crate) const fn takes<M: Machine>(lanes: usize, columns: usize) -> bool {
    lanes <= 2 * columns && is_tested::<M>(lanes)
}

/// What vectors of 4, 8 and 16 lanes give. Instead of those that are not tested, it is once more what 4 lanes give.
macro_rules! wide {
    ($m:ident, $four:expr, $eight:expr, $sixteen:expr $(,)?) => {{
        let four = $four;
        let eight = if const { $crate::kernels::widths::is_tested::<$m>(8) } { $eight } else { four.clone() };
        let sixteen = if const { $crate::kernels::widths::is_tested::<$m>(16) } { $sixteen } else { four.clone() };
        [four, eight, sixteen]
    }};
}
pub(crate) use wide;

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

/// Calls a check with every machine that the processor at hand is.
macro_rules! on_each_machine {
    ($machine:ident => $check:expr) => {{
        let $machine = $crate::kernels::machine::Build;
        $check;
        #[cfg(all(feature = "dispatch", target_arch = "x86_64"))]
        {
            let level = fearless_simd::Level::new();
            level.as_avx2().into_iter().for_each(|$machine| $check);
            level.as_avx512().into_iter().for_each(|$machine| $check);
        }
    }};
}
pub(crate) use on_each_machine;

/// Returns the results of 1, 4, 8 and 16 lanes. Those of one lane are the build's: if the machine fuses multiply-adds and the
/// build does not, they are left out.
pub(crate) fn all_widths<M: Machine>(
    one: impl Fn() -> Vec<f32>,
    [four, eight, sixteen]: [Vec<f32>; 3],
) -> [Vec<f32>; 4] {
    [if M::FUSED == FUSED { one() } else { four.clone() }, four, eight, sixteen]
}

/// Checks that [`elementwise::map`] gives the same bits at all widths.
#[track_caller]
pub(crate) fn map<F: Map>(f: &F) {
    on_each_machine!(machine => map_on(machine, f));
}

#[track_caller]
fn map_on<M: Machine, F: Map>(machine: M, f: &F) {
    let y = numbers(LENGTHS, 2);
    for n in lengths() {
        let run = |pass: &dyn Fn(&mut [f32])| {
            let mut y = y.clone();
            pass(&mut y[..n]);
            y
        };
        let wide = wide!(
            M,
            run(&|y| elementwise::map_pass::<M::V4, 4, F>(machine, f, y)),
            run(&|y| elementwise::map_pass::<M::V8, 8, F>(machine, f, y)),
            run(&|y| elementwise::map_pass::<M::V16, 16, F>(machine, f, y))
        );
        let one = || run(&|y| elementwise::map_pass::<f32, 1, F>(Build, f, y));
        assert_same(all_widths::<M>(one, wide), &std::format!("length {n}"));
    }
}

/// Checks that [`elementwise::zip`] gives the same bits at all widths, in place and into another slice.
#[track_caller]
pub(crate) fn zip<F: Zip>(f: &F) {
    on_each_machine!(machine => zip_on(machine, f));
}

#[track_caller]
fn zip_on<M: Machine, F: Zip>(machine: M, f: &F) {
    let (x, y) = (numbers(LENGTHS, 1), numbers(LENGTHS, 2));
    for n in lengths() {
        let x = &x[..n];
        let run = |pass: &dyn Fn(&mut [f32])| {
            let mut y = y.clone();
            pass(&mut y[..n]);
            y
        };
        let wide = wide!(
            M,
            run(&|y| elementwise::zip_pass::<M::V4, 4, F>(machine, f, x, y)),
            run(&|y| elementwise::zip_pass::<M::V8, 8, F>(machine, f, x, y)),
            run(&|y| elementwise::zip_pass::<M::V16, 16, F>(machine, f, x, y))
        );
        let into = wide!(
            M,
            run(&|out| elementwise::zip_into_pass::<M::V4, 4, F>(machine, f, x, &y[..n], out)),
            run(&|out| elementwise::zip_into_pass::<M::V8, 8, F>(machine, f, x, &y[..n], out)),
            run(&|out| elementwise::zip_into_pass::<M::V16, 16, F>(machine, f, x, &y[..n], out))
        );
        let one = || run(&|y| elementwise::zip_pass::<f32, 1, F>(Build, f, x, y));
        assert_same(all_widths::<M>(one, wide), &std::format!("length {n}"));
        assert_same(all_widths::<M>(one, into), &std::format!("length {n}, into another slice"));
    }
}

/// Checks that [`reduce::sum`] gives the same bits at all widths, also for slices of different lengths.
#[track_caller]
pub(crate) fn sum<F: Zip>(f: &F) {
    on_each_machine!(machine => sum_on(machine, f));
}

#[track_caller]
fn sum_on<M: Machine, F: Zip>(machine: M, f: &F) {
    let (x, y) = (numbers(LENGTHS, 3), numbers(LENGTHS, 4));
    for n in lengths() {
        for (x, y) in [(&x[..n], &y[..n]), (&x[..n], &y[..]), (&x[..], &y[..n])] {
            let wide = wide!(
                M,
                reduce::sum_lanes::<M::V4, 4, F>(machine, f, x, y),
                reduce::sum_lanes::<M::V8, 2, F>(machine, f, x, y),
                reduce::sum_lanes::<M::V16, 1, F>(machine, f, x, y)
            );
            let one = || std::vec![reduce::sum_lanes::<f32, 16, F>(Build, f, x, y)];
            let what = std::format!("sum of {} and {}", x.len(), y.len());
            assert_same(all_widths::<M>(one, wide.map(|sum| std::vec![sum])), &what);
        }
    }
}

/// Checks that some steps of [`update::update`] give the same weights and moments at all widths.
#[track_caller]
pub(crate) fn update<const M: usize, R: Rule<M>>(rule: &R) {
    on_each_machine!(machine => update_on(machine, rule));
}

#[track_caller]
fn update_on<C: Machine, const M: usize, R: Rule<M>>(machine: C, rule: &R) {
    for n in lengths() {
        let run = |pass: &dyn Fn(&mut [f32], Gradient<'_>, [&mut [f32]; M])| {
            let (mut w, mut moments) = (numbers(LENGTHS, 5), [(); M].map(|()| std::vec![0.0; LENGTHS]));
            for step in 0..3 {
                let g = numbers(n, 6 + step);
                pass(&mut w[..n], g.as_slice().into(), moments.each_mut().map(|m| &mut m[..n]));
            }
            w.extend(moments.into_iter().flatten());
            w
        };
        let wide = wide!(
            C,
            run(&|w, gradient, moments| update::rows::<C::V4, 4, M, R>(machine, rule, w, gradient, moments)),
            run(&|w, gradient, moments| update::rows::<C::V8, 8, M, R>(machine, rule, w, gradient, moments)),
            run(&|w, gradient, moments| update::rows::<C::V16, 16, M, R>(machine, rule, w, gradient, moments))
        );
        let one = || run(&|w, gradient, moments| update::one_lane::update_all(rule, w, gradient, moments));
        assert_same(all_widths::<C>(one, wide), &std::format!("length {n}"));
    }
}

/// Rows of channels: fewer than a block, and more.
const ROWS: [usize; 4] = [1, 2, 9, 70];

/// [`channels::sum`] does the same at all widths, for all numbers of channels.
#[track_caller]
pub(crate) fn channel_sum<const S: usize, T: Terms<S>>(terms: &T) {
    on_each_machine!(machine => channel_sum_on(machine, terms));
}

#[track_caller]
fn channel_sum_on<M: Machine, const S: usize, T: Terms<S>>(machine: M, terms: &T) {
    for (channels, rows) in lengths().flat_map(|channels| ROWS.map(|rows| (channels, rows))) {
        let (x, y, mean) = (&numbers(rows * channels, 1), &numbers(rows * channels, 2), &numbers(channels, 3));
        let run = |pass: &dyn Fn([&mut [f32]; S])| {
            let mut sums = [(); S].map(|()| std::vec![f32::NAN; channels]);
            pass(sums.each_mut().map(|sums| &mut sums[..]));
            sums.concat()
        };
        let wide = wide!(
            M,
            run(&|out| channels::sum_lanes::<M::V4, 4, S, T>(machine, terms, x, y, mean, out)),
            run(&|out| channels::sum_lanes::<M::V8, 4, S, T>(machine, terms, x, y, mean, out)),
            run(&|out| channels::sum_lanes::<M::V16, 4, S, T>(machine, terms, x, y, mean, out))
        );
        let one = || run(&|out| channels::sum_lanes::<f32, 1, S, T>(Build, terms, x, y, mean, out));
        let several = run(&|out| channels::sum_lanes::<f32, 4, S, T>(Build, terms, x, y, mean, out));
        assert_same([one(), several.clone(), several.clone(), several], "several channels at a time");
        assert_same(all_widths::<M>(one, wide), &std::format!("{rows} rows, {channels} channels"));
    }
}

/// [`channels::map`] does the same at all widths.
#[track_caller]
pub(crate) fn channel_map<F: ChannelMap>(f: &F, channels: usize) {
    on_each_machine!(machine => channel_map_on(machine, f, channels));
}

#[track_caller]
fn channel_map_on<M: Machine, F: ChannelMap>(machine: M, f: &F, channels: usize) {
    for rows in ROWS {
        let (x, y) = (&numbers(rows * channels, 1), &numbers(rows * channels, 2));
        let run = |pass: &dyn Fn(&mut [f32])| {
            let mut out = std::vec![f32::NAN; rows * channels];
            pass(&mut out);
            out
        };
        let wide = wide!(
            M,
            run(&|out| channels::map_lanes::<M::V4, F>(machine, f, channels, x, y, out)),
            run(&|out| channels::map_lanes::<M::V8, F>(machine, f, channels, x, y, out)),
            run(&|out| channels::map_lanes::<M::V16, F>(machine, f, channels, x, y, out))
        );
        let one = || run(&|out| channels::map_lanes::<f32, F>(Build, f, channels, x, y, out));
        assert_same(all_widths::<M>(one, wide), &std::format!("{rows} rows, {channels} channels"));
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
