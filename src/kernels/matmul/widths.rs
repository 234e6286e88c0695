//! Runs every product at every width in one build: the bits must not depend on the number of lanes.
//!
//! Tiny shapes and single columns are not run: tiny shapes take the same path on all machines, and a single column is a
//! [`sum`](crate::kernels::reduce::sum).

use super::input_gradient::transposed;
use super::weight_gradient::weight_gradient_lanes;
use super::{Lanes, Map, one_lane, partial_sums, product};
use crate::kernels::lanes::FUSED;
use crate::kernels::machine::{Build, Machine};
use crate::kernels::widths::{assert_same, numbers, on_each_machine, takes};
use std::format;
use std::vec::Vec;

const SAMPLES: [usize; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 32];

/// Calls `$run::<K, N>()` for each pair: `K` steps, `N` columns.
macro_rules! for_shapes {
    ($run:ident: $($k:literal => $($n:literal)+;)+) => {
        #[test]
        fn $run() {
            $(for_shapes!(@ $run $k $($n)+);)+
        }
    };
    (@ $run:ident $k:literal $($n:literal)+) => { $(shape::$run::<$k, $n>();)+ };
}

// These shapes cover: one, two and four partial sums; one block and more; columns that fill their vectors and columns that
// do not; rows that are close together and rows that are far apart.
for_shapes! { affine:
    1 => 31; 3 => 512; 7 => 65; 8 => 10; 13 => 2; 16 => 64; 33 => 7 65; 64 => 16; 65 => 31; 130 => 5 33 64 130; 300 => 10;
}
for_shapes! { input_gradient:
    3 => 8; 7 => 65; 10 => 5; 13 => 2; 17 => 16; 33 => 65; 64 => 3; 130 => 13 33; 300 => 10;
}
for_shapes! { weight_gradient:
    1 => 3; 3 => 33; 5 => 10; 7 => 31; 8 => 17; 13 => 5 65; 31 => 130;
}

/// Multiplies and adds, so that an epilogue that is forgotten or applied twice changes the result.
struct Line;

impl Map for Line {
    fn map<V: Lanes>(&self, sum: V) -> V {
        sum.mul_add(sum.splat(0.7), sum.splat(0.3))
    }
}

/// Runs `$run::<V, L>()` with 1, 4, 8 and 16 lanes. If a vector is not tested for `$columns`, a narrower one replaces it.
macro_rules! at_widths {
    ($m:ident, $machine:ident, $columns:expr, $run:ident::<$($n:ident),*>($($argument:expr),*)) => {{
        let one = $run::<f32, 1, $($n),*>(Build, $($argument),*);
        let four = if const { takes::<$m>(4, $columns) } { $run::<$m::V4, 4, $($n),*>($machine, $($argument),*) } else { one.clone() };
        let eight = if const { takes::<$m>(8, $columns) } { $run::<$m::V8, 8, $($n),*>($machine, $($argument),*) } else { four.clone() };
        let sixteen = if const { takes::<$m>(16, $columns) } { $run::<$m::V16, 16, $($n),*>($machine, $($argument),*) } else { eight.clone() };
        [if $m::FUSED == FUSED { one } else { four.clone() }, four, eight, sixteen]
    }};
}

mod shape {
    use super::*;

    pub fn affine<const K: usize, const N: usize>() {
        on_each_machine!(machine => affine_on::<_, K, N>(machine));
    }

    fn affine_on<M: Machine, const K: usize, const N: usize>(machine: M) {
        let (w, b) = (numbers(K * N, 1), numbers(N, 2));
        let (w, b): (&[[f32; N]; K], &[f32; N]) = (w.as_chunks().0.first_chunk().unwrap(), b.first_chunk().unwrap());
        for samples in SAMPLES {
            let x = numbers(samples * K, 3);
            let all = at_widths!(M, machine, N, run_affine::<K, N>(x.as_chunks().0, w, b));
            let what = format!("affine {K} → {N}, {samples} samples");
            if !M::FUSED {
                let one_by_one = run_one_lane::<K, N>(x.as_chunks().0, w, b);
                assert_same([all[0].clone(), one_by_one.clone(), one_by_one.clone(), one_by_one], &what);
            }
            assert_same(all, &what);
        }
    }

    pub fn input_gradient<const O: usize, const I: usize>() {
        on_each_machine!(machine => input_gradient_on::<_, O, I>(machine));
    }

    fn input_gradient_on<M: Machine, const O: usize, const I: usize>(machine: M) {
        let w = numbers(I * O, 4);
        let w: &[[f32; O]; I] = w.as_chunks().0.first_chunk().unwrap();
        for samples in SAMPLES {
            let dy = numbers(samples * O, 5);
            let all = at_widths!(M, machine, I, run_input_gradient::<I, O>(dy.as_chunks().0, w));
            let what = format!("input_gradient {I} ← {O}, {samples} samples");
            if !M::FUSED {
                let one_by_one = run_one_lane_input_gradient::<I, O>(dy.as_chunks().0, w);
                assert_same([all[0].clone(), one_by_one.clone(), one_by_one.clone(), one_by_one], &what);
            }
            assert_same(all, &what);
        }
    }

    pub fn weight_gradient<const I: usize, const O: usize>() {
        on_each_machine!(machine => weight_gradient_on::<_, I, O>(machine));
    }

    fn weight_gradient_on<M: Machine, const I: usize, const O: usize>(machine: M) {
        for samples in SAMPLES {
            let (x, dy) = (numbers(samples * I, 6), numbers(samples * O, 7));
            let all = at_widths!(M, machine, O, run_weight_gradient::<I, O>(x.as_chunks().0, dy.as_chunks().0));
            assert_same(all, &format!("weight_gradient {I} → {O}, {samples} samples"));
        }
    }
}

fn run_affine<V: Lanes, const L: usize, const K: usize, const N: usize>(
    machine: V::Machine,
    x: &[[f32; K]],
    w: &[[f32; N]; K],
    b: &[f32; N],
) -> Vec<f32> {
    let mut y = std::vec![f32::NAN; x.len() * N];
    product::<V, K, N, Line>(machine, x, w, b, y.as_chunks_mut().0, &Line);
    y
}

/// Runs a product as machines without vectors do.
fn run_one_lane<const K: usize, const N: usize>(x: &[[f32; K]], w: &[[f32; N]; K], b: &[f32; N]) -> Vec<f32> {
    let mut y = std::vec![f32::NAN; x.len() * N];
    for (x, y) in x.iter().zip(y.chunks_mut(N)) {
        one_lane::affine(x, w.as_flattened(), b, y, partial_sums(K, N));
        y.iter_mut().for_each(|y| *y = Line.map(*y));
    }
    y
}

fn run_input_gradient<V: Lanes, const L: usize, const I: usize, const O: usize>(
    machine: V::Machine,
    dy: &[[f32; O]],
    w: &[[f32; O]; I],
) -> Vec<f32> {
    let mut dx = std::vec![f32::NAN; dy.len() * I];
    transposed::<V, L, I, O>(machine, dy, w, dx.as_chunks_mut().0);
    dx
}

/// Runs an input gradient as machines without vectors do.
fn run_one_lane_input_gradient<const I: usize, const O: usize>(dy: &[[f32; O]], w: &[[f32; O]; I]) -> Vec<f32> {
    let mut dx = std::vec![f32::NAN; dy.len() * I];
    for (dy, dx) in dy.iter().zip(dx.chunks_mut(I)) {
        one_lane::input_gradient(dy, w.as_flattened(), dx, partial_sums(O, I));
    }
    dx
}

fn run_weight_gradient<V: Lanes, const L: usize, const I: usize, const O: usize>(
    machine: V::Machine,
    x: &[[f32; I]],
    dy: &[[f32; O]],
) -> Vec<f32> {
    let mut dw = Vec::new();
    weight_gradient_lanes::<V, I, O>(machine, x, dy, |_, rows| dw.extend_from_slice(rows.as_flattened()));
    dw
}
