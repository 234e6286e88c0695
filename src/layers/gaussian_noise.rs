use crate::leaf;
use crate::net::{Backward, Layer, Mode, Stepwise};
use crate::tensor::rng::normal;
use crate::tensor::{Parameterless, Tensor, Want, copy};

/// In training, adds noise with mean 0 and standard deviation `PERCENT` / 100: Keras' `GaussianNoise(PERCENT / 100)`, for
/// samples of any shape.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Rescale<8>, GaussianNoise<10>, Dense<8, 4, Relu>, Dense<4, 1>];
/// ```
#[derive(Clone)]
pub struct GaussianNoise<const PERCENT: u32>;

crate::tensor::debug!([const PERCENT: u32] GaussianNoise<PERCENT>);

impl<const PERCENT: u32> Parameterless for GaussianNoise<PERCENT> {
    const LAYER: Self = GaussianNoise;
}

impl<X: Tensor, const PERCENT: u32> Layer<X> for GaussianNoise<PERCENT> {
    type Y = X;
    type Trace<const B: usize, W: Want> = ();
    leaf!(random X, "GaussianNoise");

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        copy(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [X], (): &mut (), mode: Mode<'_>) {
        copy(x, y);
        if let Some(rng) = mode.rng() {
            for y in X::flat_all_mut(y) {
                *y += normal(rng) * (PERCENT as f32 / 100.0);
            }
        }
    }
}

impl<X: Tensor, const PERCENT: u32> Backward<X> for GaussianNoise<PERCENT> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(&self, _: &[X], _: &[X], (): &mut (), dy: &mut [X], dx: Option<&mut [X]>) {
        copy(dy, dx.unwrap_or_default());
    }
}

impl<const PERCENT: u32> Stepwise for GaussianNoise<PERCENT> {}
