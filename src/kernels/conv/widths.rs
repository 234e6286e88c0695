//! Runs every convolution at every width in one build, over random axes: the bits must not depend on the number of lanes, and
//! the values are those of plain loops in f64.

use super::{Windows, few_channels, forward, input_gradient, one_lane, weight_gradient};
use crate::Sfc32;
use crate::kernels::Lanes;
use crate::kernels::axis::Axis;
use crate::kernels::elementwise::Map;
use crate::kernels::four::Four;
use crate::kernels::lanes::FUSED;
use crate::kernels::machine::{Build, Machine};
use crate::kernels::matmul::{self, finish};
use crate::kernels::widths::{ALL, assert_same, numbers, on_each_machine, takes};
use rand_core::{Rng, SeedableRng};
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// Random axes per number of channels: 200 shapes in all.
const CASES: usize = if ALL { 50 } else { 16 };

/// Multiplies and adds, so that an epilogue that is forgotten or applied twice changes the result.
struct Line;

impl Map for Line {
    fn map<V: Lanes>(&self, sum: V) -> V {
        sum.mul_add(sum.splat(0.7), sum.splat(0.3))
    }
}

/// An axis with a "same", "valid" or causal padding.
fn axis(rng: &mut Sfc32, longest: u32) -> Axis {
    let mut below = |n: u32| (rng.next_u32() % n) as usize;
    let (inputs, taps, stride, dilation) = (1 + below(longest), 1 + below(4), 1 + below(3), 1 + below(2));
    let (same, window) = (inputs.div_ceil(stride), (taps - 1) * dilation + 1);
    match below(3) {
        0 => Axis::causal(inputs, same, taps, stride, dilation),
        1 if inputs >= window => Axis::new(inputs, (inputs - window) / stride + 1, taps, stride, dilation),
        _ => Axis::new(inputs, same, taps, stride, dilation),
    }
}

/// The numbers of channels and of outputs: fewer than a vector and more, and such that taps share a tile.
#[test]
fn all_widths_give_the_same_bits() {
    on_each_machine!(machine => {
        check::<_, 1, 5>(machine);
        check::<_, 3, 17>(machine);
        check::<_, 9, 2>(machine);
        check::<_, 33, 8>(machine);
    });
}

/// Four places at a time have the bits of a dense layer.
#[test]
fn four_places() {
    fn check<const C: usize, const O: usize>() {
        let (x, w, b) = (numbers(11 * C, 1), numbers(C * O, 2), numbers(O, 3));
        let (mut want, mut got) = (vec![[0.0; O]; 11], vec![0.0; 11 * O]);
        assert!(one_lane::is_in_fours(C, O, matmul::partial_sums(C, O)));
        let w_rows = w.as_chunks().0.first_chunk().expect("C rows");
        matmul::affine::<C, O, _>(x.as_chunks().0, w_rows, b.first_chunk().expect("O"), &mut want, &matmul::Plain);
        one_lane::dense(&x, &w, &b, &mut got, matmul::partial_sums(C, O));
        if FUSED == <Build as Machine>::FUSED {
            assert_eq!(got, want.as_flattened(), "{C} → {O}");
        }
    }
    check::<3, 8>();
    check::<34, 20>();
    check::<64, 64>();
    check::<300, 24>();
    check::<130, 68>();
}

/// What a case has: `x`, `w`, `b` and `dz`, and what `dx` begins at, which are the biases of a transposed convolution.
struct Case {
    windows: Windows,
    x: Vec<f32>,
    w: Vec<f32>,
    b: Vec<f32>,
    dz: Vec<f32>,
    begin: Vec<f32>,
}

fn check<M: Machine, const C: usize, const O: usize>(machine: M) {
    let rng = &mut Sfc32::seed_from_u64(C as u64);
    for i in 0..CASES {
        // Wide, narrow, and a single row.
        let [rows, columns] = match i % 4 {
            0 => [Axis::ONE, axis(rng, 40)],
            1 => [axis(rng, 25), axis(rng, 6)],
            _ => [axis(rng, 7), axis(rng, 20)],
        };
        let (windows, samples) =
            (Windows { rows, columns, channels: C, along_columns: columns.outputs >= rows.outputs }, 1 + i % 2);
        let case = Case {
            windows,
            x: numbers(samples * windows.inputs() * C, 1),
            w: numbers(rows.taps * columns.taps * C * O, 2),
            b: numbers(O, 3),
            dz: numbers(samples * windows.outputs() * O, 4),
            begin: numbers(C, 5),
        };
        let what = |product| {
            let axes = [rows, columns].map(|a| [a.inputs, a.outputs, a.taps, a.stride, a.dilation, a.before]);
            format!("{product}, {C} → {O} channels, {axes:?}")
        };
        let want = case.naive::<C, O>();
        let same = |all: [Vec<f32>; 4], one_by_one: Vec<f32>, want: &[f64], what: String| {
            close(&all[1], want, &what);
            if !M::FUSED {
                let rest = [(); 3].map(|()| one_by_one.clone());
                let [a, b, c] = rest;
                assert_same([all[1].clone(), a, b, c], &what);
            }
            assert_same(all, &what);
        };
        let y = [
            if M::FUSED == FUSED { case.y::<f32, O>(Build) } else { case.y::<M::V4, O>(machine) },
            case.y::<M::V4, O>(machine),
            if const { takes::<M>(8, O) } { case.y::<M::V8, O>(machine) } else { case.y::<M::V4, O>(machine) },
            if const { takes::<M>(16, O) } { case.y::<M::V16, O>(machine) } else { case.y::<M::V4, O>(machine) },
        ];
        same(y, case.y_one_lane(), &want[0], what("y"));
        let dx = [
            if M::FUSED == FUSED { case.dx::<f32, 1, C, O>(Build) } else { case.dx::<M::V4, 4, C, O>(machine) },
            case.dx::<M::V4, 4, C, O>(machine),
            if const { takes::<M>(8, C) } {
                case.dx::<M::V8, 8, C, O>(machine)
            } else {
                case.dx::<M::V4, 4, C, O>(machine)
            },
            if const { takes::<M>(16, C) } {
                case.dx::<M::V16, 16, C, O>(machine)
            } else {
                case.dx::<M::V4, 4, C, O>(machine)
            },
        ];
        same(dx, case.dx_one_lane(O), &want[1], what("dx"));
        if const { C <= 4 } {
            let [one, four, eight] = [
                case.dx_of_few_channels::<f32, 8, 1, 1>(Build, O),
                case.dx_of_few_channels::<M::V4, 2, C, 2>(machine, O),
                case.dx_of_few_channels::<M::V8, 1, C, 4>(machine, O),
            ];
            let one = if M::FUSED == FUSED { one } else { four.clone() };
            let four_lanes = case.dx_of_few_channels::<Four, 2, 1, 1>(Build, O);
            same([one, four, eight.clone(), eight], four_lanes, &want[1], what("dx of few channels"));
        }
        let dw = [
            if M::FUSED == FUSED { case.dw::<f32, O>(Build) } else { case.dw::<M::V4, O>(machine) },
            case.dw::<M::V4, O>(machine),
            if const { takes::<M>(8, O) } { case.dw::<M::V8, O>(machine) } else { case.dw::<M::V4, O>(machine) },
            if const { takes::<M>(16, O) } { case.dw::<M::V16, O>(machine) } else { case.dw::<M::V4, O>(machine) },
        ];
        same(dw, case.dw_one_lane(O), &want[2], what("dw"));
    }
}

#[track_caller]
fn close(got: &[f32], want: &[f64], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let error = (f64::from(*got) - want).abs();
        assert!(error <= 1e-5 * (1.0 + want.abs()), "{what}, value {i}: {got}, not {want}");
    }
}

impl Case {
    fn y<V: Lanes, const O: usize>(&self, machine: V::Machine) -> Vec<f32> {
        let mut y = vec![f32::NAN; self.dz.len()];
        let (w, out, b) = (self.w.as_chunks().0, y.as_chunks_mut().0, self.b.first_chunk().unwrap());
        forward::forward::<V, O, Line>(machine, self.windows, &self.x, w, b, out, &Line);
        y
    }

    fn y_one_lane(&self) -> Vec<f32> {
        let mut y = vec![f32::NAN; self.dz.len()];
        one_lane::forward(&self.windows, &self.x, &self.w, &self.b, &mut y);
        finish(&mut y, &Line);
        y
    }

    fn dx<V: Lanes, const L: usize, const C: usize, const O: usize>(&self, machine: V::Machine) -> Vec<f32> {
        let mut dx = vec![f32::NAN; self.x.len()];
        let (dz, w, out) = (self.dz.as_chunks().0, self.w.as_chunks().0, dx.as_chunks_mut().0);
        let begin = self.begin.first_chunk().unwrap();
        input_gradient::input_gradient::<V, L, C, O>(machine, self.windows, begin, dz, w, out);
        dx
    }

    fn dx_of_few_channels<V: Lanes, const P: usize, const C: usize, const MR: usize>(
        &self,
        machine: V::Machine,
        outputs: usize,
    ) -> Vec<f32> {
        let (mut dx, begin) = (vec![f32::NAN; self.x.len()], &self.begin);
        let (dz, w) = (&self.dz, &self.w);
        few_channels::input_gradient::<V, P, C, MR>(machine, self.windows, begin, dz, w, &mut dx, outputs);
        dx
    }

    fn dx_one_lane(&self, outputs: usize) -> Vec<f32> {
        let mut dx = vec![f32::NAN; self.x.len()];
        one_lane::input_gradient(&self.windows, &self.begin, &self.dz, &self.w, &mut dx, outputs);
        dx
    }

    fn dw<V: Lanes, const O: usize>(&self, machine: V::Machine) -> Vec<f32> {
        let mut dw = vec![f32::NAN; self.w.len()];
        let rows: &mut [[f32; O]] = dw.as_chunks_mut().0;
        weight_gradient::weight_gradient::<V, O>(
            machine,
            self.windows,
            &self.x,
            self.dz.as_chunks().0,
            |first, got| {
                assert!(rows[first][0].is_nan(), "a row that was given twice");
                rows[first..first + got.len()].copy_from_slice(got);
            },
        );
        dw
    }

    fn dw_one_lane(&self, outputs: usize) -> Vec<f32> {
        let mut dw = vec![f32::NAN; self.w.len()];
        for (i, row) in dw.chunks_mut(outputs).enumerate() {
            one_lane::weight_gradient_row(&self.windows, i, &self.x, &self.dz, row);
        }
        dw
    }

    /// `y`, `dx` and `dw` in plain loops.
    fn naive<const C: usize, const O: usize>(&self) -> [Vec<f64>; 3] {
        let Windows { rows, columns, .. } = self.windows;
        let [x, w, b, dz, begin] = [&self.x, &self.w, &self.b, &self.dz, &self.begin]
            .map(|v| v.iter().map(|v| f64::from(*v)).collect::<Vec<_>>());
        let (mut y, mut dx, mut dw) = (b.repeat(dz.len() / O), begin.repeat(x.len() / C), vec![0.0; w.len()]);
        let (inputs, outputs) = (self.windows.inputs(), self.windows.outputs());
        for place in 0..dz.len() / O {
            let (sample, row, column) =
                (place / outputs, place % outputs / columns.outputs, place % outputs % columns.outputs);
            for tap in 0..rows.taps * columns.taps {
                let (i, j) = (rows.input(row, tap / columns.taps), columns.input(column, tap % columns.taps));
                let (Some(i), Some(j)) = (i, j) else { continue };
                for c in 0..C {
                    let x_at = (sample * inputs + i * columns.inputs + j) * C + c;
                    for o in 0..O {
                        let (w_at, at) = ((tap * C + c) * O + o, place * O + o);
                        y[at] += x[x_at] * w[w_at];
                        dx[x_at] += dz[at] * w[w_at];
                        dw[w_at] += dz[at] * x[x_at];
                    }
                }
            }
        }
        y.iter_mut().for_each(|y| *y = 0.7 * *y + 0.3);
        [y, dx, dw]
    }
}
