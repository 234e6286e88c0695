use super::Dense;
use crate::data::{Data, MeanVariance, MinMax, Sample, is_finite, welford};
use crate::kernels::reduce::Product;
use crate::kernels::sqrt::sqrt;
use crate::kernels::{elementwise, norm};
use crate::net::{Backward, Layer, Network, Stepwise};
use crate::tensor::{Architecture, Want};
use crate::{leaf, params};

/// `y = (x − offset) · scale` for each feature, with statistics of the data that are stored with the net: Keras'
/// `Normalization`, scikit-learn's `StandardScaler` and `MinMaxScaler`. Training does not change them.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Rescale<2>, Dense<2, 8, Tanh>, Dense<8, 1>];
/// let mut net = Net::NEW;
/// net.0.adapt(&[[100.0, 0.001], [300.0, 0.003]]); // mean 0 and variance 1
/// let mut y = [0.0; 2];
/// net.0.infer_one(&[300.0, 0.001], &mut y, &mut []);
/// assert!((y[0] - 1.0).abs() < 1e-6 && (y[1] + 1.0).abs() < 1e-6);
/// ```
///
/// [`MeanVariance`] or [`MinMax`] gathers the statistics of a stream, one sample at a time. After training, the first dense
/// layer can take over the scaling; see [`Rescale::fold_into`].
///
/// Its line in the text of [`Architecture`] is `rescale N`.
pub struct Rescale<const N: usize> {
    /// The number subtracted from each feature.
    pub offset: [f32; N],
    /// The factor of each feature after the subtraction.
    pub scale: [f32; N],
}

/// Keras' lower bound on the standard deviation, which is a divisor.
const EPSILON: f32 = 1e-7;

/// The number of features that `adapt` takes at a time.
const BLOCK: usize = 16;

impl<const N: usize> Rescale<N> {
    /// Scales to mean 0 and variance 1 over the samples `x`: Keras' `Normalization.adapt`. A sample with a NaN or an infinite
    /// number is left out. Without samples nothing changes.
    pub fn adapt(&mut self, x: &[[f32; N]]) {
        let all_finite = is_finite(x.as_flattened());
        let samples = || x.iter().filter(|x| all_finite || is_finite(&x[..]));
        let count = samples().count() as f32;
        if count == 0.0 {
            return;
        }
        // The statistics are computed in place; only those of a few features at a time need more room.
        for (block, (mean, squares)) in self.offset.chunks_mut(BLOCK).zip(self.scale.chunks_mut(BLOCK)).enumerate() {
            let (mut mean_excess, mut squares_excess) = ([0.0; BLOCK], [0.0; BLOCK]);
            mean.fill(0.0);
            squares.fill(0.0);
            for (i, x) in samples().enumerate() {
                let x = x.get(block * BLOCK..).unwrap_or_default();
                welford((i + 1) as f32, x, [mean, &mut mean_excess], [squares, &mut squares_excess]);
            }
            for scale in squares {
                *scale = reciprocal_deviation(*scale / count);
            }
        }
    }

    /// Does what [`Rescale::adapt`] does, on a data set or a part of one.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// // The statistics are those of the training data alone.
    /// let (x, y) = ([[1_u8], [3], [200]], [0_u8, 1, 1]);
    /// let (train, validation) = Data::new(&x, &y).split(0.3);
    /// let mut scaler = Rescale::<1>::NEW;
    /// scaler.adapt_on(&train);
    /// assert_eq!((scaler.offset, scaler.scale), ([2.0], [1.0]));
    /// ```
    pub fn adapt_on<S: Sample<[f32; N]>, T>(&mut self, data: &Data<'_, S, T>) {
        let (mut seen, mut x) = (MeanVariance::NEW, [0.0; N]);
        for i in 0..data.len() {
            if let Some(sample) = data.sample(i) {
                sample.read(&mut x);
                seen.update(&x);
            }
        }
        self.standardize(&seen);
    }

    /// Scales to mean 0 and variance 1 with `(x − mean) / max(√variance, 1e-7)`, as in Keras. If no sample was seen, nothing
    /// changes.
    pub fn standardize(&mut self, seen: &MeanVariance<N>) {
        if seen.count() > 0 {
            for (i, (offset, scale)) in self.offset.iter_mut().zip(&mut self.scale).enumerate() {
                *offset = seen.mean().get(i).copied().unwrap_or_default();
                *scale = reciprocal_deviation(seen.variance(i));
            }
        }
    }

    /// Scales to the range from 0 to 1 with `(x − min) / (max − min)`. A feature that never changed is only shifted, as in
    /// scikit-learn; so is a feature whose range, or the reciprocal of it, is infinite (below 3e-39). If no sample was seen,
    /// nothing changes.
    pub fn min_max(&mut self, seen: &MinMax<N>) {
        for ((offset, scale), (min, max)) in
            self.offset.iter_mut().zip(&mut self.scale).zip(seen.min().iter().zip(seen.max()))
        {
            if min <= max {
                let reciprocal = 1.0 / (max - min);
                (*offset, *scale) = (*min, if reciprocal > 0.0 && reciprocal.is_finite() { reciprocal } else { 1.0 });
            }
        }
    }

    /// Merges the scaling into the dense layer after it: `w ← scale · w` and `b ← b − (offset · scale) · w`. This layer then
    /// changes nothing. Both layers together compute the same as before, except for rounding.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// let mut net = <chain![Rescale<1>, Dense<1, 1>]>::NEW;
    /// (net.0.offset, net.0.scale, net.1.w) = ([2.0], [3.0], [[5.0]]);
    /// net.0.fold_into(&mut net.1);
    /// assert_eq!((net.1.w, net.1.b), ([[15.0]], [-30.0]));
    /// let without_scaler: &Dense<1, 1> = &net.1; // what goes into flash
    /// ```
    pub fn fold_into<const O: usize, A, P>(&mut self, dense: &mut Dense<N, O, A, P>) {
        for ((row, offset), scale) in dense.w.iter_mut().zip(&mut self.offset).zip(&mut self.scale) {
            for (w, b) in row.iter_mut().zip(&mut dense.b) {
                *w *= *scale;
                *b -= *offset * *w;
            }
            (*offset, *scale) = (0.0, 1.0);
        }
    }
}

fn reciprocal_deviation(variance: f32) -> f32 {
    let deviation = sqrt(variance);
    if deviation < f32::INFINITY {
        1.0 / deviation.max(EPSILON)
    } else {
        // The squares of numbers beyond 1e19 overflow. NaN shows it, where 0 would hide the feature.
        f32::NAN
    }
}

params! {
    [const N: usize] Rescale<N>, "Rescale", Architecture::layer("rescale").size(N).end();
    kept offset: [f32; N] = [0.0; N], as it is;
    kept scale: [f32; N] = [1.0; N], as it is;
}

impl<const N: usize> Layer<[f32; N]> for Rescale<N> {
    type Y = [f32; N];
    type Trace<const B: usize, W: Want> = ();
    leaf!([f32; N], "Rescale");

    #[inline(always)]
    fn infer(&self, x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            norm::rescale(x, &self.offset, &self.scale, y);
        }
    }
}

impl<const N: usize> Backward<[f32; N]> for Rescale<N> {
    // dx = dy · scale
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        _: &[[f32; N]],
        _: &[[f32; N]],
        (): &mut (),
        dy: &mut [[f32; N]],
        dx: Option<&mut [[f32; N]]>,
    ) {
        for (dy, dx) in dy.iter().zip(dx.unwrap_or_default()) {
            *dx = *dy;
            elementwise::zip(&Product, &self.scale, dx);
        }
    }
}

impl<const N: usize> Network for Rescale<N> {
    type Input = [f32; N];
}

impl<const N: usize> Stepwise for Rescale<N> {}
