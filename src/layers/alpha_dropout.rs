use super::dropout::{factors, multiply, scale, times};
use crate::kernels::sqrt::sqrt;
use crate::leaf;
use crate::net::{Backward, Layer, LayerInfo, Mode};
use crate::tensor::rng::uniform;
use crate::tensor::{Parameterless, Tensor, Want, copy, front};

/// In training, sets `PERCENT` % of its input to the least value of [`Selu`](crate::activations::Selu), then scales and
/// shifts all values so that mean 0 and variance 1 stay (Klambauer et al. 2017): Keras' `AlphaDropout(PERCENT / 100)`, for
/// samples of any shape.
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
    type Trace<const B: usize, W: Want> = W::Of<[X; B]>;
    leaf!(X, random);

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        copy(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [X], trace: &mut W::Of<[X; B]>, mode: Mode<'_>) {
        let factors = factors::<X, B, W>(trace, x.len());
        match mode.rng() {
            None => multiply(X::flat_all(x), X::flat_all_mut(y), factors, || 1.0, times),
            Some(rng) => {
                let (a, b) = Self::affine();
                let draw = || if uniform(rng) < Self::RATE { 0.0 } else { a };
                let f = |x, factor| a * (if factor == 0.0 { Self::LEAST } else { x }) + b;
                multiply(X::flat_all(x), X::flat_all_mut(y), factors, draw, f);
            }
        }
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("AlphaDropout", ""));
    }
}

impl<X: Tensor, const PERCENT: u32> Backward<X> for AlphaDropout<PERCENT> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[X],
        _: &[X],
        trace: &mut W::Of<[X; B]>,
        dy: &mut [X],
        dx: Option<&mut [X]>,
    ) {
        let factors = W::get::<[X; B]>(trace).map_or(&[][..], |factors| front(factors, x.len()));
        scale(X::flat_all(dy), X::flat_all(factors), X::flat_all_mut(dx.unwrap_or_default()));
    }
}
