//! The random numbers of layers, drawn from the same generator in the same order.

use super::Pass;
use baregrad::prelude::*;

/// Uniform on [0, 1), exact.
pub fn uniform(rng: &mut Sfc32) -> f64 {
    f64::from(rng.next_u32() >> 8) / 16_777_216.0
}

/// Marsaglia's polar method.
pub fn normal(rng: &mut Sfc32) -> f64 {
    loop {
        let (u, v) = (2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0);
        let square = u * u + v * v;
        if square > 0.0 && square < 1.0 {
            return u * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

/// The nearest float: a layer compares its random number with this one.
pub fn as_float(rate: f64) -> f64 {
    f64::from(rate as f32)
}

/// While training, what `noisy` makes of each number, in the order of memory: a layer draws for the whole batch.
pub fn for_each_number(x: &[Vec<f64>], pass: &mut Pass, noisy: &dyn Fn(&mut Sfc32, f64) -> f64) -> Vec<Vec<f64>> {
    match &mut pass.rng {
        None => x.to_vec(),
        Some(rng) => x.iter().map(|x| x.iter().map(|x| noisy(rng, *x)).collect()).collect(),
    }
}
