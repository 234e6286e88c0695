//! The matrix kernels against f64 twins, over many shapes and batch sizes.

use crate::common::naive;
use crate::common::numbers::{bits, samples, uniform, widen};
use baregrad::kernels::matmul::{self, Plain};

/// Each takes the first of the same samples.
const BATCHES: [usize; 13] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17, 32, LARGEST];

const LARGEST: usize = 33;

/// Calls `$run::<I, O>()` for each pair.
macro_rules! for_shapes {
    ($run:ident: $($i:literal => $($o:literal)+;)+) => {
        #[test]
        fn $run() {
            $(for_shapes!(@ $run $i $($o)+);)+
        }
    };
    (@ $run:ident $i:literal $($o:literal)+) => { $(shape::$run::<$i, $o>();)+ };
}

// Every size takes minutes to compile in the many builds that these tests run in. So each stands for a path: products that
// are tiny, single columns, rows that fill 1, 3, 4 and more vectors or do not, one and several partial sums and blocks of
// steps, rows that are packed. The widths that `kernels` compares cover others.
for_shapes! { affine:
    1 => 17; 2 => 7 9; 3 => 4 16 512; 5 => 3 64; 7 => 31; 8 => 8; 10 => 40; 16 => 1 7; 17 => 15; 32 => 2 33; 33 => 5 16 100;
    64 => 48 130; 130 => 10 515; 300 => 1 33;
}
for_shapes! { input_gradient:
    17 => 1; 7 => 2; 9 => 2; 4 => 3; 16 => 3; 64 => 5; 31 => 7; 8 => 8; 40 => 10; 1 => 16; 7 => 16; 15 => 17; 2 => 32; 33 => 32;
    5 => 33; 100 => 33; 48 => 64; 130 => 64; 10 => 130; 515 => 130; 33 => 300; 1 => 300;
}
for_shapes! { weight_gradient:
    1 => 1 17; 2 => 2 7; 3 => 5 512; 5 => 3 64; 7 => 31; 8 => 15 130; 9 => 100; 10 => 32; 13 => 40; 16 => 1 7; 33 => 16; 64 => 10;
}

/// A sum of `terms` products between −1 and 1 may be off by half a unit of the last place a step.
#[track_caller]
fn assert_sum(got: &[f32], want: &[f64], terms: usize, what: &str) {
    assert_eq!(got.len(), want.len());
    // Errors of the steps largely cancel: √n of them is a sharp bound, here with a margin of 4.
    let tolerance =
        4.0 * (terms as f64 + 1.0).sqrt() * f64::from(f32::EPSILON) / 2.0 * (terms as f64 / 3.0).sqrt().max(1.0);
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((f64::from(*got) - want).abs() <= tolerance, "{what}, value {i}: {got} is not {want}");
    }
}

fn rows(x: &[f32], length: usize) -> Vec<Vec<f64>> {
    x.chunks(length).map(widen).collect()
}

mod shape {
    use super::*;

    pub fn affine<const I: usize, const O: usize>() {
        let (w, b) = (samples::<O>(I, 1), uniform(O, -1.0, 1.0, 2));
        let (w64, b64): (Vec<f64>, _) = (widen(w.as_flattened()), widen(&b));
        let (w, b): (&[[f32; O]; I], &[f32; O]) = (w.first_chunk().unwrap(), b.first_chunk().unwrap());
        let all = samples::<I>(LARGEST, 3);
        let want = naive::of_each(&rows(all.as_flattened(), I), &|x| naive::affine(x, &w64, &b64));
        for batch in BATCHES {
            let x = &all[..batch];
            let mut y = vec![[f32::NAN; O]; batch];
            matmul::affine(x, w, b, &mut y, &Plain);
            for ((x, y), want) in x.iter().zip(&y).zip(&want) {
                let what = format!("affine {I} → {O}, batch {batch}");
                assert_sum(y, want, I + 1, &what);
                let mut alone = [[f32::NAN; O]];
                matmul::affine(&[*x], w, b, &mut alone, &Plain);
                assert_eq!(bits(&alone[0]), bits(y), "{what}: the sample alone");
            }
        }
    }

    pub fn input_gradient<const I: usize, const O: usize>() {
        let w = samples::<O>(I, 4);
        let w64 = widen(w.as_flattened());
        let w: &[[f32; O]; I] = w.first_chunk().unwrap();
        let all = samples::<O>(LARGEST, 5);
        let want = naive::of_each(&rows(all.as_flattened(), O), &|dy| naive::input_gradient(dy, &w64, I));
        for batch in BATCHES {
            let dy = &all[..batch];
            let mut dx = vec![[f32::NAN; I]; batch];
            matmul::input_gradient(dy, w, &mut dx);
            for ((dy, dx), want) in dy.iter().zip(&dx).zip(&want) {
                let what = format!("input_gradient {I} ← {O}, batch {batch}");
                assert_sum(dx, want, O, &what);
                let mut alone = [[f32::NAN; I]];
                matmul::input_gradient(&[*dy], w, &mut alone);
                assert_eq!(bits(&alone[0]), bits(dx), "{what}: the sample alone");
            }
        }
    }

    pub fn weight_gradient<const I: usize, const O: usize>() {
        for batch in BATCHES {
            let (x, dy) = (samples::<I>(batch, 6), samples::<O>(batch, 7));
            let mut dw = vec![[f32::NAN; O]; I];
            let mut next = 0;
            matmul::weight_gradient(&x, &dy, |first, rows| {
                assert_eq!(first, next, "rows come in order, each once");
                next += rows.len();
                dw[first..next].copy_from_slice(rows);
            });
            assert_eq!(next, I, "all rows come");
            let (want_w, want_b) = naive::weight_gradient(&rows(x.as_flattened(), I), &rows(dy.as_flattened(), O));
            assert_sum(dw.as_flattened(), &want_w, batch, &format!("weight_gradient {I} → {O}, batch {batch}"));
            assert_sum(&matmul::column_sums(&dy), &want_b, batch, &format!("column_sums {O}, batch {batch}"));
        }
    }
}

/// Nothing is written for no sample, and no shape of a net is needed for that.
#[test]
fn no_sample() {
    matmul::affine::<3, 2, Plain>(&[], &[[1.0; 2]; 3], &[0.0; 2], &mut [], &Plain);
    matmul::input_gradient::<3, 2>(&[], &[[1.0; 2]; 3], &mut []);
    matmul::weight_gradient::<3, 2>(&[], &[], |_, rows| assert!(rows.iter().flatten().all(|w| *w == 0.0)));
    assert_eq!(matmul::column_sums::<2>(&[]), [0.0; 2]);
}

/// Not-a-number and infinity reach the outputs that depend on them, and no other.
#[test]
fn not_a_number_stays_in_its_sample() {
    let w = [[1.0; 9]; 5];
    for bad in 0..9 {
        let mut x = samples::<5>(9, 8);
        x[bad][3] = f32::NAN;
        let mut y = vec![[0.0; 9]; 9];
        matmul::affine(&x, &w, &[0.0; 9], &mut y, &Plain);
        for (i, y) in y.iter().enumerate() {
            assert!(y.iter().all(|y| y.is_nan() == (i == bad)), "sample {i}, bad {bad}");
        }
        let mut dx = vec![[0.0; 5]; 9];
        let mut dy = samples::<9>(9, 8);
        dy[bad][2] = f32::NAN;
        matmul::input_gradient(&dy, &w, &mut dx);
        for (i, dx) in dx.iter().enumerate() {
            assert!(dx.iter().all(|d| d.is_nan() == (i == bad)), "gradient of sample {i}, bad {bad}");
        }
    }
}
