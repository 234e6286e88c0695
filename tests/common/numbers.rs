//! Numbers to test with, and how far apart two of them are.

use baregrad::prelude::*;
use baregrad::tensor::Tensor;

/// `n` numbers, uniform between `low` and `high`, the same for the same seed.
pub fn uniform(n: usize, low: f32, high: f32, seed: u64) -> Vec<f32> {
    let mut rng = Sfc32::seed_from_u64(seed);
    (0..n).map(|_| low + (high - low) * (rng.next_u32() >> 8) as f32 / 16_777_216.0).collect()
}

/// `n` samples of numbers between −1 and 1.
pub fn samples<const N: usize>(n: usize, seed: u64) -> Vec<[f32; N]> {
    uniform(n * N, -1.0, 1.0, seed).as_chunks::<N>().0.to_vec()
}

/// The same of any shape.
pub fn tensors<X: Tensor>(n: usize, seed: u64) -> Vec<X> {
    X::from_flat(&uniform(n * X::LEN, -1.0, 1.0, seed)).to_vec()
}

pub fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|v| f64::from(*v)).collect()
}

/// The bit patterns; all NaN are one.
pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| if v.is_nan() { f32::NAN.to_bits() } else { v.to_bits() }).collect()
}

/// |got − want| in units of the last place of a float at `want`.
pub fn ulps(got: f32, want: f64) -> f64 {
    let rounded = want as f32;
    if got == rounded || (got.is_nan() && rounded.is_nan()) {
        return if rounded.is_finite() { (f64::from(got) - want).abs() / ulp(want) } else { 0.0 };
    }
    if !got.is_finite() || !rounded.is_finite() {
        return f64::INFINITY;
    }
    (f64::from(got) - want).abs() / ulp(want)
}

/// The distance of neighbouring floats at `x`.
fn ulp(x: f64) -> f64 {
    let exponent = ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023;
    2.0_f64.powi(exponent.max(-126) - 23)
}

/// |got − want|, relative to the larger of 1 and |want|.
pub fn relative(got: f32, want: f64) -> f64 {
    if got.is_nan() && want.is_nan() {
        return 0.0;
    }
    let difference = (f64::from(got) - want).abs() / want.abs().max(1.0);
    if difference.is_nan() { f64::INFINITY } else { difference }
}

/// Where two lists first differ by more than `tolerance`, see [`relative`].
pub fn compare(got: &[f32], want: &[f64], tolerance: f64) -> Result<(), String> {
    if got.len() != want.len() {
        return Err(format!("{} values, not {}", got.len(), want.len()));
    }
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let difference = relative(*got, *want);
        if difference > tolerance {
            return Err(format!("value {i}: {got} is not {want}, off by {difference:e}"));
        }
    }
    Ok(())
}

/// The same as a panic.
#[track_caller]
pub fn assert_close(got: &[f32], want: &[f64], tolerance: f64, what: &str) {
    if let Err(complaint) = compare(got, want, tolerance) {
        panic!("{what}, {complaint}");
    }
}
