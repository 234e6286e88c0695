use super::dropout::scale;
use crate::kernels::sqrt::sqrt;
use crate::net::LayerInfo;
use crate::net::{Layer, Mode};
use crate::tensor::Parameterless;
use crate::tensor::rng::normal;
use crate::tensor::{Tensor, copy, front, front_mut};

/// Multiplies by noise of mean 1 and standard deviation √(p / (1 − p)) while training, p being `PERCENT` / 100 (Srivastava et
/// al. 2014, section 10): Keras' `GaussianDropout(p)`, on samples of any shape.
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
    type Trace<const B: usize> = [X; B];
    const WORK: usize = 0;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        copy(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[X], y: &mut [X], trace: &mut [X; B], mode: Mode<'_>) {
        let factors = X::flat_all_mut(front_mut(trace, x.len()));
        match mode {
            Mode::Infer => factors.fill(1.0),
            Mode::Train(rng) => {
                let deviation = sqrt(PERCENT as f32 / (100 - PERCENT) as f32);
                factors.iter_mut().for_each(|factor| *factor = 1.0 + normal(rng) * deviation);
            }
        }
        scale(X::flat_all(x), factors, X::flat_all_mut(y));
    }

    #[inline(always)]
    fn backward<const B: usize>(&self, x: &[X], _: &[X], trace: &mut [X; B], dy: &mut [X], dx: Option<&mut [X]>) {
        if let Some(dx) = dx {
            scale(X::flat_all(dy), X::flat_all(front(trace, x.len())), X::flat_all_mut(dx));
        }
    }

    fn gradient<const B: usize>(&self, _: &[X], _: &[X; B], _: &[X], (): &mut ()) {}

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("GaussianDropout", ""));
    }
}
