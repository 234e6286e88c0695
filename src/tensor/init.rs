//! Initial weights. The same generator gives the same weights on every target, because nothing here fuses a multiply and an
//! add.

use crate::kernels::{no_unrolling, sqrt::sqrt};
use crate::tensor::rng::{normal, uniform};
use rand_core::Rng;

mod orthogonal;

pub use orthogonal::Orthogonal;

/// Fills a weight tensor.
pub trait Initializer {
    /// Fills `w`, the weights of a layer in which an output sums `fan_in` inputs and an input feeds `fan_out` outputs.
    fn fill<R: Rng + ?Sized>(&self, w: &mut [f32], fan_in: usize, fan_out: usize, rng: &mut R);
}

/// Uniform between ±√(6 / (fan_in + fan_out)): Keras' default (Glorot & Bengio 2010).
#[derive(Clone, Copy, Debug, Default)]
pub struct GlorotUniform;

/// Normal with σ = √(2 / (fan_in + fan_out)), truncated at 2 σ before scaling, as in Keras.
#[derive(Clone, Copy, Debug, Default)]
pub struct GlorotNormal;

/// Uniform between ±√(6 / fan_in), for layers with a rectifier (He et al. 2015).
#[derive(Clone, Copy, Debug, Default)]
pub struct HeUniform;

/// Normal with σ = √(2 / fan_in), truncated at 2 σ before scaling, as in Keras.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeNormal;

/// Uniform between two bounds: Keras' `RandomUniform`, whose defaults are ±0.05.
#[derive(Clone, Copy, Debug)]
pub struct RandomUniform {
    /// The lower bound.
    pub minval: f32,
    /// The upper bound.
    pub maxval: f32,
}

impl Default for RandomUniform {
    fn default() -> Self {
        RandomUniform { minval: -0.05, maxval: 0.05 }
    }
}

/// All zeros.
#[derive(Clone, Copy, Debug, Default)]
pub struct Zeros;

/// The same value everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Constant(pub f32);

impl Initializer for GlorotUniform {
    #[inline(never)]
    fn fill<R: Rng + ?Sized>(&self, w: &mut [f32], fan_in: usize, fan_out: usize, rng: &mut R) {
        fill_uniform(w, sqrt(6.0 / (fan_in + fan_out) as f32), rng);
    }
}

impl Initializer for GlorotNormal {
    fn fill<R: Rng + ?Sized>(&self, w: &mut [f32], fan_in: usize, fan_out: usize, rng: &mut R) {
        fill_normal(w, sqrt(2.0 / (fan_in + fan_out) as f32), rng);
    }
}

impl Initializer for HeUniform {
    fn fill<R: Rng + ?Sized>(&self, w: &mut [f32], fan_in: usize, _: usize, rng: &mut R) {
        fill_uniform(w, sqrt(6.0 / fan_in as f32), rng);
    }
}

impl Initializer for HeNormal {
    fn fill<R: Rng + ?Sized>(&self, w: &mut [f32], fan_in: usize, _: usize, rng: &mut R) {
        fill_normal(w, sqrt(2.0 / fan_in as f32), rng);
    }
}

impl Initializer for RandomUniform {
    fn fill<R: Rng + ?Sized>(&self, w: &mut [f32], _: usize, _: usize, rng: &mut R) {
        for w in w {
            *w = self.minval + (self.maxval - self.minval) * uniform(rng);
            no_unrolling();
        }
    }
}

impl Initializer for Zeros {
    fn fill<R: Rng + ?Sized>(&self, w: &mut [f32], _: usize, _: usize, _: &mut R) {
        w.fill(0.0);
    }
}

impl Initializer for Constant {
    fn fill<R: Rng + ?Sized>(&self, w: &mut [f32], _: usize, _: usize, _: &mut R) {
        w.fill(self.0);
    }
}

fn fill_uniform<R: Rng + ?Sized>(w: &mut [f32], limit: f32, rng: &mut R) {
    for w in w {
        *w = (2.0 * uniform(rng) - 1.0) * limit;
        no_unrolling();
    }
}

/// Draws a number beyond 2 σ again. A larger σ makes up for the lost tails.
fn fill_normal<R: Rng + ?Sized>(w: &mut [f32], sigma: f32, rng: &mut R) {
    /// The standard deviation of a standard normal variable truncated at ±2 (Keras, `VarianceScaling`).
    const CUT: f32 = 0.879_625_7;
    for w in w {
        *w = loop {
            let z = normal(rng);
            if z.abs() <= 2.0 {
                break z * (sigma / CUT);
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::rng::Sfc32;

    /// Mean, standard deviation and largest absolute value of many weights.
    fn moments(initializer: &impl Initializer) -> (f32, f32, f32) {
        let mut w = [0.0; 20_000];
        initializer.fill(&mut w, 30, 20, &mut Sfc32::NEW.clone());
        let mean = w.iter().sum::<f32>() / w.len() as f32;
        let variance = w.iter().map(|w| (w - mean) * (w - mean)).sum::<f32>() / w.len() as f32;
        (mean, variance.sqrt(), w.iter().fold(0.0, |a, w| w.abs().max(a)))
    }

    #[test]
    fn spread_is_as_stated() {
        for ((mean, sigma, largest), expected, limit) in [
            (moments(&GlorotUniform), (2.0_f32 / 50.0).sqrt(), (6.0_f32 / 50.0).sqrt()),
            (moments(&GlorotNormal), (2.0_f32 / 50.0).sqrt(), 2.28 * (2.0_f32 / 50.0).sqrt()),
            (moments(&HeUniform), (2.0_f32 / 30.0).sqrt(), (6.0_f32 / 30.0).sqrt()),
            (moments(&HeNormal), (2.0_f32 / 30.0).sqrt(), 2.28 * (2.0_f32 / 30.0).sqrt()),
            (moments(&RandomUniform::default()), 0.1 / 12.0_f32.sqrt(), 0.05),
            (moments(&Zeros), 0.0, 0.0),
        ] {
            assert!(mean.abs() < 0.02 * expected + 1e-9 && (sigma - expected).abs() <= 0.02 * expected);
            assert!(largest <= limit);
        }
        assert_eq!(moments(&Constant(0.5)).2, 0.5);
    }
}
