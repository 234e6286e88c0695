//! Layer normalisation of one sample: `n = (x − mean) · scale` with `scale = 1 / √(variance + ε)`, then `y = n · gamma +
//! beta`.

use super::Lanes;
use super::elementwise::Zip;
use super::reduce::{self, First};

/// (x − mean)².
struct Square(f32);
impl Zip for Square {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, _: V) -> V {
        let d = x - V::splat(self.0);
        d * d
    }
}

/// Returns the mean, and 1 / √(variance + ε).
#[inline]
pub fn statistics(x: &[f32], epsilon: f32) -> [f32; 2] {
    let share = 1.0 / x.len() as f32;
    let mean = reduce::sum(&First, x, x) * share;
    let variance = reduce::sum(&Square(mean), x, x) * share;
    [mean, 1.0 / Lanes::sqrt(variance + epsilon)]
}

/// `y = (x − mean) · scale · gamma + beta`.
#[inline]
pub fn normalise(x: &[f32], mean: f32, scale: f32, gamma: &[f32], beta: &[f32], y: &mut [f32]) {
    for (((x, gamma), beta), y) in x.iter().zip(gamma).zip(beta).zip(y) {
        *y = (x - mean) * scale * gamma + beta;
    }
}

/// `dx = scale · (g − mean(g) − n · mean(g · n))` with `g = dy · gamma`.
#[inline]
pub fn input_gradient(x: &[f32], mean: f32, scale: f32, gamma: &[f32], dy: &[f32], dx: &mut [f32]) {
    let share = 1.0 / x.len() as f32;
    for ((gamma, dy), dx) in gamma.iter().zip(dy).zip(dx.iter_mut()) {
        *dx = dy * gamma;
    }
    let average = reduce::sum(&First, dx, dx) * share;
    let slant = reduce::sum(&Normalised { mean, scale }, x, dx) * share;
    for (x, dx) in x.iter().zip(dx) {
        *dx = scale * (*dx - average - (x - mean) * scale * slant);
    }
}

/// n · g.
struct Normalised {
    mean: f32,
    scale: f32,
}
impl Zip for Normalised {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, g: V) -> V {
        (x - V::splat(self.mean)) * V::splat(self.scale) * g
    }
}

/// `d_gamma += n · dy`, `d_beta += dy`.
#[inline]
pub fn weight_gradient(x: &[f32], mean: f32, scale: f32, dy: &[f32], d_gamma: &mut [f32], d_beta: &mut [f32]) {
    for (((x, dy), d_gamma), d_beta) in x.iter().zip(dy).zip(d_gamma).zip(d_beta) {
        *d_gamma += (x - mean) * scale * dy;
        *d_beta += dy;
    }
}

/// `y[i] = (x[i] − offset[i]) · scale[i]`.
#[inline]
pub fn rescale(x: &[f32], offset: &[f32], scale: &[f32], y: &mut [f32]) {
    for (((x, offset), scale), y) in x.iter().zip(offset).zip(scale).zip(y) {
        *y = (x - offset) * scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::widths;

    #[test]
    fn all_widths_give_the_same_bits() {
        widths::sum(&Square(0.3));
        widths::sum(&Normalised { mean: 0.3, scale: 0.7 });
    }
}
