//! Layer normalisation of one sample: `n = (x − mean) · scale` with `scale = 1 / √(variance + ε)`, then `y = n · gamma +
//! beta`.

use super::elementwise::Zip;
use super::reduce::{self, First};
use super::{Lanes, no_unrolling, part_of_callers};

/// (x − mean)².
struct Square(f32);
impl Zip for Square {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, _: V) -> V {
        let d = x - x.splat(self.0);
        d * d
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
        (x - x.splat(self.mean)) * x.splat(self.scale) * g
    }
}

part_of_callers! { inline(never);
    /// Returns the mean, and 1 / √(variance + ε).
    pub fn statistics(x: &[f32], epsilon: f32) -> [f32; 2] {
        let share = 1.0 / x.len() as f32;
        let mean = reduce::sum(&First, x, x) * share;
        let variance = reduce::sum(&Square(mean), x, x) * share;
        [mean, 1.0 / Lanes::sqrt(variance + epsilon)]
    }

    /// `y = (x − mean) · scale · gamma + beta`. All slices have the same length, here and below.
    pub fn normalise(x: &[f32], [mean, scale]: [f32; 2], gamma: &[f32], beta: &[f32], y: &mut [f32]) {
        let n = y.len();
        let (Some(x), Some(gamma), Some(beta)) = (x.get(..n), gamma.get(..n), beta.get(..n)) else { return };
        for i in 0..n {
            y[i] = (x[i] - mean) * scale * gamma[i] + beta[i];
            no_unrolling();
        }
    }

    /// `dx = scale · (g − mean(g) − n · mean(g · n))` with `g = dy · gamma`.
    pub fn input_gradient(x: &[f32], [mean, scale]: [f32; 2], gamma: &[f32], dy: &[f32], dx: &mut [f32]) {
        let n = dx.len();
        let (Some(x), Some(gamma), Some(dy)) = (x.get(..n), gamma.get(..n), dy.get(..n)) else { return };
        for i in 0..n {
            dx[i] = dy[i] * gamma[i];
            no_unrolling();
        }
        let share = 1.0 / n as f32;
        let average = reduce::sum(&First, dx, dx) * share;
        let slant = reduce::sum(&Normalised { mean, scale }, x, dx) * share;
        for i in 0..n {
            dx[i] = scale * (dx[i] - average - (x[i] - mean) * scale * slant);
            no_unrolling();
        }
    }

    /// `d_gamma += n · dy`, `d_beta += dy`.
    pub fn weight_gradient(x: &[f32], [mean, scale]: [f32; 2], dy: &[f32], d_gamma: &mut [f32], d_beta: &mut [f32]) {
        let n = x.len();
        let (Some(dy), Some(d_gamma), Some(d_beta)) = (dy.get(..n), d_gamma.get_mut(..n), d_beta.get_mut(..n)) else {
            return;
        };
        for i in 0..n {
            d_gamma[i] += (x[i] - mean) * scale * dy[i];
            d_beta[i] += dy[i];
            no_unrolling();
        }
    }
}

/// `y[i] = (x[i] − offset[i]) · scale[i]`.
#[inline]
pub fn rescale(x: &[f32], offset: &[f32], scale: &[f32], y: &mut [f32]) {
    let n = y.len();
    let (Some(x), Some(offset), Some(scale)) = (x.get(..n), offset.get(..n), scale.get(..n)) else { return };
    for i in 0..n {
        y[i] = (x[i] - offset[i]) * scale[i];
        no_unrolling();
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
