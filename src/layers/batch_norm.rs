use super::{Conv1d, Conv2d, Dense};
use crate::activations::{Activation, Linear, Value, chain_rule, finish};
use crate::kernels::batch_norm;
use crate::kernels::elementwise;
use crate::kernels::matmul::Plain;
use crate::net::{Backward, Layer, Mode, Stepwise};
use crate::tensor::{Architecture, Sink, Sinks, Tensor, Want, Zero, front, front_mut, zeros};
use crate::{leaf, params};
use core::marker::PhantomData;

/// `y = A((x − mean) / √(variance + ε) · gamma + beta)` per channel (Ioffe & Szegedy 2015): Keras' `BatchNormalization`. The
/// channels are the last axis of a sample of any rank. The activation `A` is computed in the same pass.
///
/// In training, the mean and the (biased) variance are computed from the batch, over samples and places. After each step the
/// moving statistics follow them, `moving ← moving · momentum + batch · (1 − momentum)`. Inference uses the moving
/// statistics. A layer in [`Frozen`](crate::net::Frozen) infers in training too, as in Keras.
///
/// The defaults are Keras': ε is 1e-3, the momentum is 0.99. [`BatchNorm::pytorch`] has PyTorch's.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<4, 8>, BatchNorm<8, Relu>, Dense<8, 2>];
/// let mut model = Trainer::<Net, MeanSquaredError, Adam, 16>::new(&mut Sfc32::seed_from_u64(1));
/// model.step(&[[1.0, 2.0, 3.0, 4.0]; 16], &[[0.0; 2]; 16])?;
/// assert_ne!(model.net.1.0.mean, [0.0; 8]);
/// # Ok::<(), Error>(())
/// ```
///
/// After training, the dense layer or the convolution before it can take over its work; see [`BatchNorm::fold_into`].
pub struct BatchNorm<const C: usize, A = Linear> {
    /// Gain.
    pub gamma: [f32; C],
    /// Offset.
    pub beta: [f32; C],
    /// Moving mean.
    pub mean: [f32; C],
    /// Moving variance.
    pub variance: [f32; C],
    /// Added to the variance.
    pub epsilon: f32,
    /// The share of the moving statistics that is kept at each step. PyTorch's momentum is 1 minus this.
    pub momentum: f32,
    /// Whether the moving variance follows the unbiased variance of the batch, as in PyTorch.
    pub unbiased: bool,
    activation: PhantomData<fn() -> A>,
}

/// The statistics of a batch: its mean, its biased variance, and the number of its rows, which is 0 in inference.
#[derive(Clone, Copy)]
pub struct BatchStatistics<const C: usize> {
    mean: [f32; C],
    variance: [f32; C],
    rows: usize,
}

zeros!(impl [const C: usize] BatchStatistics<C> { mean, variance, rows });

params! {
    [const C: usize, A: Activation] BatchNorm<C, A>, "BatchNormalization",
    Architecture::layer("batch_norm").size(C).then(A::ARCHITECTURE).end();
    trained gamma: [f32; C] = [1.0; C];
    trained beta: [f32; C] = [0.0; C];
    kept mean: [f32; C] = [0.0; C];
    kept variance: [f32; C] = [1.0; C];
    settle(BatchStatistics<C>, Self::follow);
    fixed epsilon = 1e-3;
    fixed momentum = 0.99;
    fixed unbiased = false;
    fixed activation = PhantomData;
}

impl<const C: usize, A> BatchNorm<C, A> {
    /// Sets PyTorch's definition and defaults, as in `BatchNorm1d`, `2d` and `3d`: ε is 1e-5, the new value has a momentum
    /// of 0.1, and the moving variance is unbiased.
    pub const fn pytorch(mut self) -> Self {
        (self.epsilon, self.momentum, self.unbiased) = (1e-5, 0.9, true);
        self
    }

    /// Merges the normalisation into the dense layer or the convolution before it: `w ← w · f` and `b ← (b − mean) · f + beta` with
    /// `f = gamma / √(variance + ε)`. This layer then only applies its activation. In inference both layers together compute
    /// the same as before, except for rounding.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// let mut net = <chain![Dense<1, 1>, BatchNorm<1, Relu>]>::NEW;
    /// (net.0.w, net.0.b, net.1.mean, net.1.variance) = ([[2.0]], [1.0], [3.0], [4.0 - 1e-3]);
    /// net.1.fold_into(&mut net.0);
    /// assert_eq!((net.0.w, net.0.b), ([[1.0]], [-1.0]));
    /// ```
    pub fn fold_into(&mut self, before: &mut impl Foldable<C>) {
        let (w, b) = before.rows_and_biases();
        let mut factor = [0.0; C];
        batch_norm::scale_of(&self.variance, self.epsilon, &mut factor);
        for (factor, gamma) in factor.iter_mut().zip(&self.gamma) {
            *factor *= gamma;
        }
        for row in w {
            row.iter_mut().zip(&factor).for_each(|(w, factor)| *w *= factor);
        }
        for (((b, factor), mean), beta) in b.iter_mut().zip(&factor).zip(&self.mean).zip(&self.beta) {
            *b = (*b - mean) * factor + beta;
        }
        (self.gamma, self.beta, self.mean) = ([1.0; C], [0.0; C], [0.0; C]);
        // The divisor, √(variance + ε), becomes 1.
        self.variance = [1.0 - self.epsilon; C];
    }

    /// Returns the dense layer or the convolution before, with the normalisation merged into it as
    /// [`fold_into`](BatchNorm::fold_into) does, and with this layer's activation: one layer instead of two. A net of such layers
    /// is smaller and faster, and has an int8 twin.
    ///
    /// ```
    /// use baregrad::{Chain, prelude::*};
    /// type Net = chain![Conv1d<Sequence<9, 2>, Sequence<9, 4>, 3>, BatchNorm<4, Relu>, GlobalAveragePool, Dense<4, 2>];
    /// type Folded = chain![Conv1d<Sequence<9, 2>, Sequence<9, 4>, 3, 1, Relu>, GlobalAveragePool, Dense<4, 2>];
    /// let Chain(conv, Chain(norm, rest)) = Net::NEW;
    /// let net: Folded = Chain(norm.folded(&conv), rest);
    /// # let _ = net;
    /// ```
    pub fn folded<L: Foldable<C> + WithActivation + Clone>(&self, before: &L) -> L::With<A>
    where
        A: Activation,
    {
        let (mut norm, mut layer) = (self.clone(), before.clone());
        norm.fold_into(&mut layer);
        layer.with_activation()
    }

    /// Lets the moving statistics follow the statistics of a batch.
    fn follow(&mut self, batch: &BatchStatistics<C>) {
        let BatchStatistics { mean, mut variance, rows } = *batch;
        if rows == 0 {
            return;
        }
        if self.unbiased && rows > 1 {
            let factor = rows as f32 / (rows - 1) as f32;
            variance.iter_mut().for_each(|variance| *variance *= factor);
        }
        batch_norm::moving_average(&mean, self.momentum, &mut self.mean);
        batch_norm::moving_average(&variance, self.momentum, &mut self.variance);
    }

    /// Returns 1 / √(variance + ε).
    fn scale(&self, variance: &[f32; C]) -> [f32; C] {
        let mut scale = [0.0; C];
        batch_norm::scale_of(variance, self.epsilon, &mut scale);
        scale
    }
}

/// A layer without an activation that multiplies rows of `C` weights, one per output channel, and adds `C` biases.
pub trait Foldable<const C: usize> {
    /// Returns the rows of weights and the biases.
    fn rows_and_biases(&mut self) -> (&mut [[f32; C]], &mut [f32; C]);
}

/// A layer without an activation that can get one.
pub trait WithActivation {
    /// The same layer with an activation.
    type With<A>;
    /// Returns the layer with an activation.
    fn with_activation<A: Activation>(self) -> Self::With<A>;
}

impl<const I: usize, const C: usize, P> Foldable<C> for Dense<I, C, Linear, P> {
    fn rows_and_biases(&mut self) -> (&mut [[f32; C]], &mut [f32; C]) {
        (&mut self.w, &mut self.b)
    }
}

impl<
    const L: usize,
    const I: usize,
    const M: usize,
    const C: usize,
    const K: usize,
    const S: usize,
    const D: usize,
    const CAUSAL: bool,
    P,
> Foldable<C> for Conv1d<[[f32; I]; L], [[f32; C]; M], K, S, Linear, D, CAUSAL, P>
{
    fn rows_and_biases(&mut self) -> (&mut [[f32; C]], &mut [f32; C]) {
        (self.w.as_flattened_mut(), &mut self.b)
    }
}

impl<
    const H: usize,
    const L: usize,
    const I: usize,
    const M: usize,
    const N: usize,
    const C: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    const D: usize,
    P,
> Foldable<C> for Conv2d<[[[f32; I]; L]; H], [[[f32; C]; N]; M], KH, KW, S, Linear, D, P>
{
    fn rows_and_biases(&mut self) -> (&mut [[f32; C]], &mut [f32; C]) {
        (self.w.as_flattened_mut().as_flattened_mut(), &mut self.b)
    }
}

/// Samples whose last axis has the length `C`.
#[diagnostic::on_unimplemented(
    message = "`BatchNorm<{C}>` does not take samples whose last axis is `{Self}`",
    label = "the last axis of this layer's input is not that of {C} channels",
    note = "the last axis of a sample is that of the channels"
)]
pub trait Channels<const C: usize>: Tensor {}

impl<const C: usize> Channels<C> for [f32; C] {}

// Not for all `[T; N]`: the compiler would then complain about `f32` instead of `[f32; 8]`.
impl<T, const M: usize, const N: usize, const C: usize> Channels<C> for [[T; M]; N] where [T; M]: Channels<C> {}

/// The trace of a [`BatchNorm`].
pub struct Normalised<const C: usize, Z> {
    batch: BatchStatistics<C>,
    /// 1 / √(variance + ε).
    scale: [f32; C],
    /// The gradients of gain and offset. The way back needs them for dx.
    gradient: [[f32; C]; 2],
    /// The values before the activation, if its slope depends on them.
    z: Z,
}

zeros!(impl [const C: usize, Z: Zero] Normalised<C, Z> { batch, scale, gradient, z });

impl<X: Channels<C>, const C: usize, A: Activation> Layer<X> for BatchNorm<C, A> {
    type Y = X;
    type Trace<const B: usize, W: Want> = Normalised<C, <A::FromInput as Want>::Of<[X; B]>>;
    leaf!(X, "BatchNorm", A::NAME);

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        let (mean, scale) = (&self.mean, self.scale(&self.variance));
        let (x, flat) = (X::flat_all(x), X::flat_all_mut(y));
        batch_norm::normalise(x, mean, &scale, &self.gamma, &self.beta, flat, &Value::<A>(PhantomData));
        finish::<A, X>(y);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [X], trace: &mut Self::Trace<B, W>, mode: Mode<'_>) {
        let Normalised { batch, scale, z, .. } = trace;
        let values = X::flat_all(x);
        if mode.trains() {
            batch_norm::statistics(values, &mut batch.mean, &mut batch.variance);
            batch.rows = x.len() * X::LEN / C;
        } else {
            *batch = BatchStatistics { mean: self.mean, variance: self.variance, rows: 0 };
        }
        *scale = self.scale(&batch.variance);
        let (mean, activation) = (&batch.mean, Value::<A>(PhantomData));
        if let Some(z) = A::FromInput::get_mut::<[X; B]>(z) {
            let z = X::flat_all_mut(front_mut(z, x.len()));
            batch_norm::normalise(values, mean, scale, &self.gamma, &self.beta, z, &Plain);
            elementwise::map_samples(&activation, X::LEN, z, X::flat_all_mut(y));
        } else {
            batch_norm::normalise(values, mean, scale, &self.gamma, &self.beta, X::flat_all_mut(y), &activation);
        }
        finish::<A, X>(y);
    }

    #[inline(always)]
    fn statistics<const B: usize, W: Want>(trace: &Self::Trace<B, W>) -> BatchStatistics<C> {
        trace.batch
    }
}

impl<X: Channels<C>, const C: usize, A: Activation> Backward<X> for BatchNorm<C, A> {
    // dz = dy · A'(z), left in dy;  dx follows from dz by the formulas of the kernels
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &[X],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [X],
        dx: Option<&mut [X]>,
    ) {
        let kept = A::FromInput::get::<[X; B]>(&trace.z).map_or(y, |z| front(z, x.len()));
        chain_rule::<A, X>(kept, None, dy);
        let Normalised { batch: BatchStatistics { mean, rows, .. }, scale, gradient: [d_gamma, d_beta], .. } = trace;
        let (x, dz, dx) = (X::flat_all(x), X::flat_all(dy), X::flat_all_mut(dx.unwrap_or_default()));
        batch_norm::weight_gradient(x, mean, scale, dz, d_gamma, d_beta);
        if *rows == 0 {
            batch_norm::inference_input_gradient(scale, &self.gamma, dz, dx);
        } else {
            batch_norm::input_gradient(x, mean, scale, &self.gamma, dz, d_gamma, d_beta, *rows, dx);
        }
    }

    // `backward` has computed these sums, because dx needs them.
    #[inline(always)]
    fn gradient<const B: usize, W: Want, S: Sinks>(
        _: &[X],
        _: &[X],
        trace: &Self::Trace<B, W>,
        _: &[X],
        (gamma, beta): &mut Self::To<S>,
    ) {
        let [d_gamma, d_beta] = &trace.gradient;
        gamma.add(0, d_gamma.into());
        beta.add(0, d_beta.into());
    }
}

impl<const C: usize, A> Stepwise for BatchNorm<C, A> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::{Params, Relu};
    use crate::tensor::Image;

    #[test]
    fn a_convolution_takes_over() {
        type X = Image<3, 4, 2>;
        let mut conv = Conv2d::<X, Image<3, 4, 3>, 3, 2>::NEW;
        let mut norm = BatchNorm::<3, Relu>::NEW;
        for (i, w) in conv.w.flat_mut().iter_mut().enumerate() {
            *w = (i * 7 % 11) as f32 / 5.0 - 1.0;
        }
        (conv.b, norm.gamma, norm.beta) = ([0.1, -0.2, 0.3], [0.5, 2.0, 1.5], [0.2, 0.1, -0.4]);
        (norm.mean, norm.variance) = ([0.3, -0.1, 0.2], [0.5, 2.0, 1.0]);
        let mut x = <[X; 1]>::ZERO;
        for (i, x) in x.flat_mut().iter_mut().enumerate() {
            *x = (i * 5 % 13) as f32 / 6.0 - 1.0;
        }
        let run = |conv: &Conv2d<X, Image<3, 4, 3>, 3, 2>, norm: &BatchNorm<3, Relu>| {
            let (mut between, mut y) = (<[Image<3, 4, 3>; 1]>::ZERO, <[Image<3, 4, 3>; 1]>::ZERO);
            conv.infer(&x, &mut between, &mut []);
            norm.infer(&between, &mut y, &mut []);
            y
        };
        let want = run(&conv, &norm);
        norm.fold_into(&mut conv);
        let got = run(&conv, &norm);
        assert_eq!(norm.mean, [0.0; 3]);
        assert!(
            got.flat().iter().zip(want.flat()).all(|(got, want)| (got - want).abs() < 1e-5),
            "{got:?}, not {want:?}"
        );
    }
}
