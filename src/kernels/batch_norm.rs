//! Batch normalisation: `n = (x − mean) · scale`, `y = n · gamma + beta`, with a mean and a scale per channel.
//!
//! `x`, `y`, `dy` and `dx` are [rows of channels](super::channels), which also says in which order rows are added. There are as
//! many channels as `mean` has.

use super::Lanes;
use super::channels::{self, ChannelMap, Terms, vector};
use super::elementwise::{self, Map, Zip};
use super::lanes::NATIVE;
use super::matmul::{self, Plain};

/// Mean and biased variance of each channel. The mean comes first, so that the variance does not suffer from a large one. A
/// variance that overflows is NaN: as an infinity, it would make numbers of the channel that look sound.
#[inline]
pub fn statistics(x: &[f32], mean: &mut [f32], variance: &mut [f32]) {
    let rows = (x.len() / mean.len().max(1)).max(1) as f32;
    channels::total(x, mean);
    mean.iter_mut().for_each(|mean| *mean /= rows);
    channels::sum(&Square, x, x, mean, [variance]);
    variance.iter_mut().for_each(|variance| *variance = *variance / rows + *variance * 0.0);
}

/// `scale = 1 / √(variance + ε)`.
#[inline]
pub fn scale_of(variance: &[f32], epsilon: f32, scale: &mut [f32]) {
    elementwise::map_into(&Scale(epsilon), variance, scale);
}

/// `moving = moving · momentum + batch · (1 − momentum)`. The momentum is Keras'; PyTorch's is 1 − momentum.
#[inline]
pub fn moving_average(batch: &[f32], momentum: f32, moving: &mut [f32]) {
    elementwise::zip(&Average(momentum), batch, moving);
}

/// `y = epilogue((x − mean) · scale · gamma + beta)`.
#[inline]
pub fn normalise<E: Map>(
    x: &[f32],
    mean: &[f32],
    scale: &[f32],
    gamma: &[f32],
    beta: &[f32],
    y: &mut [f32],
    epilogue: &E,
) {
    if NATIVE == 1 {
        // The activation's code is the one that dense layers have.
        channels::map(&Normalise { mean, scale, gamma, beta, epilogue: &Plain }, mean.len(), x, x, y);
        matmul::finish(y, epilogue);
    } else {
        channels::map(&Normalise { mean, scale, gamma, beta, epilogue }, mean.len(), x, x, y);
    }
}

/// `d_gamma = Σ dy · n`, `d_beta = Σ dy`.
#[inline]
pub fn weight_gradient(x: &[f32], mean: &[f32], scale: &[f32], dy: &[f32], d_gamma: &mut [f32], d_beta: &mut [f32]) {
    channels::sum(&Slopes, x, dy, mean, [d_gamma, d_beta]);
    d_gamma.iter_mut().zip(scale).for_each(|(d_gamma, scale)| *d_gamma *= scale);
}

/// `dx = gamma · scale · (dy − d_beta / rows − n · d_gamma / rows)`, where mean and scale are those of `rows` rows, and so
/// are [`d_gamma` and `d_beta`](weight_gradient).
#[inline]
pub fn input_gradient(
    x: &[f32],
    mean: &[f32],
    scale: &[f32],
    gamma: &[f32],
    dy: &[f32],
    d_gamma: &[f32],
    d_beta: &[f32],
    rows: usize,
    dx: &mut [f32],
) {
    let share = 1.0 / rows.max(1) as f32;
    channels::map(&InputGradient { mean, scale, gamma, d_gamma, d_beta, share }, mean.len(), x, dy, dx);
}

/// `dx = dy · gamma · scale`, where mean and scale are moving ones, which do not depend on `x`.
#[inline]
pub fn inference_input_gradient(scale: &[f32], gamma: &[f32], dy: &[f32], dx: &mut [f32]) {
    channels::map(&Factor { scale, gamma }, scale.len(), dy, dy, dx);
}

/// 1 / √(x + ε).
struct Scale(f32);

impl Map for Scale {
    #[inline(always)]
    fn map<V: Lanes>(&self, variance: V) -> V {
        variance.splat(1.0) / (variance + variance.splat(self.0)).sqrt()
    }
}

/// y · momentum + x · (1 − momentum).
struct Average(f32);

impl Zip for Average {
    #[inline(always)]
    fn zip<V: Lanes>(&self, batch: V, moving: V) -> V {
        moving * batch.splat(self.0) + batch * batch.splat(1.0 - self.0)
    }
}

/// (x − mean)².
struct Square;

impl Terms<1> for Square {
    #[inline(always)]
    fn add<V: Lanes>(&self, mean: V, x: V, _: V, [sum]: &mut [V; 1]) {
        let d = x - mean;
        *sum = d.mul_add(d, *sum);
    }
}

/// (x − mean) · dy, and dy.
struct Slopes;

impl Terms<2> for Slopes {
    #[inline(always)]
    fn add<V: Lanes>(&self, mean: V, x: V, dy: V, [slant, sum]: &mut [V; 2]) {
        *slant = (x - mean).mul_add(dy, *slant);
        *sum = *sum + dy;
    }
}

struct Normalise<'a, E> {
    mean: &'a [f32],
    scale: &'a [f32],
    gamma: &'a [f32],
    beta: &'a [f32],
    epilogue: &'a E,
}

impl<E: Map> ChannelMap for Normalise<'_, E> {
    #[inline(always)]
    fn channels<V: Lanes>(&self, machine: V::Machine, at: usize) -> [V; 4] {
        let factor = vector::<V>(machine, self.scale, at) * vector(machine, self.gamma, at);
        [vector(machine, self.mean, at), factor, vector(machine, self.beta, at), factor]
    }
    #[inline(always)]
    fn map<V: Lanes>(&self, [mean, factor, beta, _]: &[V; 4], x: V, _: V) -> V {
        self.epilogue.map((x - *mean).mul_add(*factor, *beta))
    }
}

struct InputGradient<'a> {
    mean: &'a [f32],
    scale: &'a [f32],
    gamma: &'a [f32],
    d_gamma: &'a [f32],
    d_beta: &'a [f32],
    share: f32,
}

impl ChannelMap for InputGradient<'_> {
    #[inline(always)]
    fn channels<V: Lanes>(&self, machine: V::Machine, at: usize) -> [V; 4] {
        let (share, scale) = (V::broadcast(machine, self.share), vector::<V>(machine, self.scale, at));
        let slant = scale * (vector::<V>(machine, self.d_gamma, at) * share);
        [
            vector(machine, self.mean, at),
            scale * vector(machine, self.gamma, at),
            vector::<V>(machine, self.d_beta, at) * share,
            slant,
        ]
    }
    #[inline(always)]
    fn map<V: Lanes>(&self, [mean, factor, average, slant]: &[V; 4], x: V, dy: V) -> V {
        (*mean - x).mul_add(*slant, dy - *average) * *factor
    }
}

struct Factor<'a> {
    scale: &'a [f32],
    gamma: &'a [f32],
}

impl ChannelMap for Factor<'_> {
    #[inline(always)]
    fn channels<V: Lanes>(&self, machine: V::Machine, at: usize) -> [V; 4] {
        [vector::<V>(machine, self.scale, at) * vector(machine, self.gamma, at); 4]
    }
    #[inline(always)]
    fn map<V: Lanes>(&self, [factor, ..]: &[V; 4], _: V, dy: V) -> V {
        dy * *factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::{Tanh, Value};
    use crate::kernels::widths::{self, numbers};
    use core::marker::PhantomData;
    use std::vec::Vec;

    /// One block of rows, and more than two.
    const ROWS: [usize; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 64, 150];

    /// The largest error of a number, relative where it is more than 1.
    fn error(got: &[f32], want: &[f64]) -> f64 {
        assert_eq!(got.len(), want.len());
        let errors = got.iter().zip(want).map(|(got, want)| (f64::from(*got) - want).abs() / want.abs().max(1.0));
        errors.fold(0.0, |a, b| if a >= b { a } else { b })
    }

    /// A batch, and all that is computed of it in training.
    struct Case {
        x: Vec<f32>,
        gamma: Vec<f32>,
        beta: Vec<f32>,
        dy: Vec<f32>,
        rows: usize,
        channels: usize,
    }

    impl Case {
        fn new(rows: usize, channels: usize) -> Self {
            // Each channel has a mean of its own.
            let means = numbers(channels, 1);
            let mut x = numbers(rows * channels, 2);
            x.iter_mut().zip(means.iter().cycle()).for_each(|(x, mean)| *x += 3.0 * mean);
            let (gamma, beta, dy) = (numbers(channels, 3), numbers(channels, 4), numbers(rows * channels, 5));
            Case { x, gamma, beta, dy, rows, channels }
        }

        /// Mean, variance, y, d_gamma, d_beta and dx.
        fn run(&self) -> [Vec<f32>; 6] {
            let (x, dy) = (self.x.as_slice(), self.dy.as_slice());
            let [mut mean, mut variance, mut scale, mut d_gamma, mut d_beta] =
                [(); 5].map(|()| std::vec![f32::NAN; self.channels]);
            let [mut y, mut dx] = [(); 2].map(|()| std::vec![f32::NAN; x.len()]);
            statistics(x, &mut mean, &mut variance);
            scale_of(&variance, 1e-3, &mut scale);
            normalise(x, &mean, &scale, &self.gamma, &self.beta, &mut y, &Value::<Tanh>(PhantomData));
            weight_gradient(x, &mean, &scale, dy, &mut d_gamma, &mut d_beta);
            input_gradient(x, &mean, &scale, &self.gamma, dy, &d_gamma, &d_beta, self.rows, &mut dx);
            [mean, variance, y, d_gamma, d_beta, dx]
        }

        /// The same in f64.
        fn naive(&self) -> [Vec<f64>; 6] {
            let n = self.rows as f64;
            let wide = |values: &[f32], i: usize| f64::from(values[i]);
            let mut all = [(); 6].map(|()| Vec::new());
            let [_, _, y, _, _, dx] = &mut all;
            (*y, *dx) = (std::vec![0.0; self.x.len()], std::vec![0.0; self.x.len()]);
            for c in 0..self.channels {
                let places: Vec<usize> = (0..self.rows).map(|row| row * self.channels + c).collect();
                let sum = |f: &dyn Fn(usize) -> f64| places.iter().map(|i| f(*i)).sum::<f64>();
                let mean = sum(&|i| wide(&self.x, i)) / n;
                let variance = sum(&|i| (wide(&self.x, i) - mean).powi(2)) / n;
                let scale = 1.0 / (variance + 1e-3).sqrt();
                let normalised = |i: usize| (wide(&self.x, i) - mean) * scale;
                let (gamma, beta) = (wide(&self.gamma, c), wide(&self.beta, c));
                let d_gamma = sum(&|i| wide(&self.dy, i) * normalised(i));
                let d_beta = sum(&|i| wide(&self.dy, i));
                for &i in &places {
                    all[2][i] = (normalised(i) * gamma + beta).tanh();
                    all[5][i] = gamma * scale / n * (n * wide(&self.dy, i) - d_beta - normalised(i) * d_gamma);
                }
                for (of, value) in [(0, mean), (1, variance), (3, d_gamma), (4, d_beta)] {
                    all[of].push(value);
                }
            }
            all
        }
    }

    #[test]
    fn values_are_those_of_f64() {
        let mut worst = [0.0_f64; 6];
        for channels in 0..=67 {
            for rows in ROWS {
                let case = Case::new(rows, channels);
                for ((got, want), worst) in case.run().iter().zip(&case.naive()).zip(&mut worst) {
                    let error = error(got, want);
                    assert!(error.is_finite());
                    *worst = worst.max(error);
                }
            }
        }
        // Where two rows are nearly equal, the scale is 31, and so are errors of n.
        let limits = [6e-7, 3e-7, 1e-5, 2e-5, 5e-6, 6e-5];
        for (i, (worst, limit)) in worst.iter().zip(limits).enumerate() {
            let name = ["mean", "variance", "y", "d_gamma", "d_beta", "dx"][i];
            assert!(*worst <= limit, "{name}: {worst}");
        }
    }

    #[test]
    fn inference_has_an_input_gradient_of_its_own() {
        for channels in 0..=67 {
            let (scale, gamma, dy) = (numbers(channels, 1), numbers(channels, 2), numbers(5 * channels, 3));
            let mut dx = std::vec![f32::NAN; dy.len()];
            inference_input_gradient(&scale, &gamma, &dy, &mut dx);
            for (i, dx) in dx.iter().enumerate() {
                assert_eq!(*dx, dy[i] * (scale[i % channels] * gamma[i % channels]));
            }
        }
    }

    #[test]
    fn moving_averages_are_keras() {
        let mut moving = [1.0, 2.0];
        moving_average(&[3.0, -2.0], 0.75, &mut moving);
        assert_eq!(moving, [1.5, 1.0]);
    }

    #[test]
    fn nothing_and_too_short_slices_do_not_panic() {
        let (mut few, mut y) = ([0.0; 2], [0.0; 9]);
        statistics(&[], &mut few, &mut []);
        assert_eq!(few, [0.0; 2]);
        statistics(&[1.0; 7], &mut few, &mut [0.0; 5]);
        normalise(&[1.0; 7], &few, &few[..1], &few, &[], &mut y, &Plain);
        input_gradient(&[1.0; 7], &few, &few, &[], &[1.0; 3], &few, &few, 0, &mut y);
        inference_input_gradient(&few, &[], &[1.0; 7], &mut y);
        weight_gradient(&[1.0; 7], &[], &few, &[1.0; 9], &mut y, &mut [0.0; 4]);
    }

    #[test]
    fn all_widths_give_the_same_bits() {
        widths::zip(&Average(0.9));
        widths::map(&Scale(2.0));
        widths::channel_sum(&channels::Numbers);
        widths::channel_sum(&Square);
        widths::channel_sum(&Slopes);
        for channels in 0..=67 {
            let [mean, scale, gamma, beta, d_gamma] = [1, 2, 3, 4, 5].map(|seed| numbers(channels, seed));
            let (mean, scale, gamma) = (&mean[..], &scale[..], &gamma[..]);
            let epilogue = &Value::<Tanh>(PhantomData);
            widths::channel_map(&Normalise { mean, scale, gamma, beta: &beta, epilogue }, channels);
            let (d_gamma, d_beta) = (&d_gamma[..], &beta[..]);
            widths::channel_map(&InputGradient { mean, scale, gamma, d_gamma, d_beta, share: 0.1 }, channels);
            widths::channel_map(&Factor { scale, gamma }, channels);
        }
    }
}
