use crate::architecture::Architecture;
use crate::buffer::{Sample, copy};
use crate::init::Initializer;
use crate::layer::{Layer, Mode};
use crate::optimizers::Optimizer;
use crate::params::Params;
use crate::rng::normal;
use crate::stored::{Place, Stored};
use crate::summary::LayerInfo;
use rand_core::Rng;

/// Adds noise of mean 0 and standard deviation `PERCENT` / 100 while training: Keras' `GaussianNoise(PERCENT / 100)`, on
/// samples of any shape.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Rescale<8>, GaussianNoise<10>, Dense<8, 4, Relu>, Dense<4, 1>];
/// ```
pub struct GaussianNoise<const PERCENT: u32>;

impl<const PERCENT: u32> Params for GaussianNoise<PERCENT> {
    const NEW: Self = GaussianNoise;
    const COUNT: usize = 0;
    const TRAINABLE: usize = 0;
    const ARCHITECTURE: Architecture = Architecture::NONE;
    type Grad = ();
    type State<O: Optimizer> = ();
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, _: &I, _: &mut R) {}
    fn apply<O: Optimizer>(&mut self, _: &(), _: &mut (), _: &O) {}
}

impl<P: Place, const PERCENT: u32> Stored<P> for GaussianNoise<PERCENT> {
    const STORED: Self = Self::NEW;
}

impl<X: Sample, const PERCENT: u32> Layer<X> for GaussianNoise<PERCENT> {
    type Y = X;
    type Trace<const B: usize> = ();
    const WORK: usize = 0;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        copy(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[X], y: &mut [X], (): &mut (), mode: Mode<'_>) {
        copy(x, y);
        if let Mode::Train(rng) = mode {
            for y in X::flat_all_mut(y) {
                *y += normal(rng) * (PERCENT as f32 / 100.0);
            }
        }
    }

    #[inline(always)]
    fn backward<const B: usize>(&self, _: &[X], _: &[X], (): &mut (), dy: &mut [X], dx: Option<&mut [X]>) {
        copy(dy, dx.unwrap_or_default());
    }

    fn gradient<const B: usize>(&self, _: &[X], (): &(), _: &[X], (): &mut ()) {}

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("GaussianNoise", ""));
    }
}
