use super::dropout::{factors, multiply, scale, times};
use crate::kernels::sqrt::sqrt;
use crate::leaf;
use crate::net::{Backward, Layer, LayerInfo, Mode};
use crate::tensor::rng::normal;
use crate::tensor::{Parameterless, Tensor, Want, copy, front};

/// In training, multiplies by noise with mean 1 and standard deviation √(p / (1 − p)), where p is `PERCENT` / 100
/// (Srivastava et al. 2014, section 10): Keras' `GaussianDropout(p)`, for samples of any shape.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<8, 16, Relu>, GaussianDropout<20>, Dense<16, 1>];
/// ```
pub struct GaussianDropout<const PERCENT: u32>;

impl<const PERCENT: u32> Parameterless for GaussianDropout<PERCENT> {
    const LAYER: Self = {
        assert!(PERCENT < 100, "a dropout of 100 % leaves nothing");
        GaussianDropout
    };
}

impl<X: Tensor, const PERCENT: u32> Layer<X> for GaussianDropout<PERCENT> {
    type Y = X;
    /// The factor of each number.
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
                let deviation = sqrt(PERCENT as f32 / (100 - PERCENT) as f32);
                let draw = || 1.0 + normal(rng) * deviation;
                multiply(X::flat_all(x), X::flat_all_mut(y), factors, draw, times);
            }
        }
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("GaussianDropout", ""));
    }
}

impl<X: Tensor, const PERCENT: u32> Backward<X> for GaussianDropout<PERCENT> {
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
