use super::dropout::scale;
use crate::kernels::sqrt::sqrt;
use crate::net::LayerInfo;
use crate::net::{Layer, Mode};
use crate::tensor::Parameterless;
use crate::tensor::rng::uniform;
use crate::tensor::{Tensor, copy, front, front_mut};

/// Sets `PERCENT` % of its input to the least value of [`Selu`](crate::activations::Selu) while training, and scales and
/// shifts all so that mean 0 and variance 1 stay (Klambauer et al. 2017): Keras' `AlphaDropout(PERCENT / 100)`, on samples
/// of any shape.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<8, 16, Selu>, AlphaDropout<10>, Dense<16, 1>];
/// ```
pub struct AlphaDropout<const PERCENT: u32>;

impl<const PERCENT: u32> Parameterless for AlphaDropout<PERCENT> {
    const LAYER: Self = {
        assert!(PERCENT < 100, "a dropout of 100 % leaves nothing");
        AlphaDropout
    };
}

impl<const PERCENT: u32> AlphaDropout<PERCENT> {
    const RATE: f32 = PERCENT as f32 / 100.0;
    /// −λα of selu.
    const LEAST: f32 = -1.758_099_3;

    /// a and b of a · x + b: a = ((1 − p)(1 + p · least²))^−½, b = −a · least · p.
    fn affine() -> (f32, f32) {
        let a = 1.0 / sqrt((1.0 - Self::RATE) * (1.0 + Self::RATE * Self::LEAST * Self::LEAST));
        (a, -a * Self::LEAST * Self::RATE)
    }
}

impl<X: Tensor, const PERCENT: u32> Layer<X> for AlphaDropout<PERCENT> {
    type Y = X;
    /// The factor of each number: 0 or a.
    type Trace<const B: usize> = [X; B];
    const WORK: usize = 0;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        copy(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[X], y: &mut [X], trace: &mut [X; B], mode: Mode<'_>) {
        let factors = X::flat_all_mut(front_mut(trace, x.len()));
        let Mode::Train(rng) = mode else {
            factors.fill(1.0);
            return copy(x, y);
        };
        let (a, b) = Self::affine();
        for ((x, factor), y) in X::flat_all(x).iter().zip(factors).zip(X::flat_all_mut(y)) {
            let dropped = uniform(rng) < Self::RATE;
            *factor = if dropped { 0.0 } else { a };
            *y = a * (if dropped { Self::LEAST } else { *x }) + b;
        }
    }

    #[inline(always)]
    fn backward<const B: usize>(&self, x: &[X], _: &[X], trace: &mut [X; B], dy: &mut [X], dx: Option<&mut [X]>) {
        if let Some(dx) = dx {
            scale(X::flat_all(dy), X::flat_all(front(trace, x.len())), X::flat_all_mut(dx));
        }
    }

    fn gradient<const B: usize>(&self, _: &[X], _: &[X; B], _: &[X], (): &mut ()) {}

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("AlphaDropout", ""));
    }
}
