use super::dropout::scale;
use crate::net::LayerInfo;
use crate::net::{Layer, Mode};
use crate::tensor::Parameterless;
use crate::tensor::rng::uniform;
use crate::tensor::{copy, front, front_mut};

/// Sets `PERCENT` % of the channels to zero while training, each at all places at once, and scales up the rest (Tompson et
/// al. 2015): Keras' `SpatialDropout1D(PERCENT / 100)`, on samples of `L` places of `C` channels.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<8, 12>, Reshape<[[f32; 3]; 4]>, SpatialDropout1D<20>, Flatten<12>, Dense<12, 1>];
/// ```
pub struct SpatialDropout1D<const PERCENT: u32>;

impl<const PERCENT: u32> Parameterless for SpatialDropout1D<PERCENT> {
    const LAYER: Self = {
        assert!(PERCENT < 100, "a dropout of 100 % leaves nothing");
        SpatialDropout1D
    };
}

impl<const L: usize, const C: usize, const PERCENT: u32> Layer<[[f32; C]; L]> for SpatialDropout1D<PERCENT> {
    type Y = [[f32; C]; L];
    /// The factor of each channel: 0 or 1 / (1 − rate).
    type Trace<const B: usize> = [[f32; C]; B];
    const WORK: usize = 0;

    #[inline(always)]
    fn infer(&self, x: &[[[f32; C]; L]], y: &mut [[[f32; C]; L]], _: &mut [f32]) {
        copy(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize>(
        &self,
        x: &[[[f32; C]; L]],
        y: &mut [[[f32; C]; L]],
        trace: &mut [[f32; C]; B],
        mode: Mode<'_>,
    ) {
        let rate = PERCENT as f32 / 100.0;
        let factors = front_mut(trace, x.len());
        match mode {
            Mode::Infer => factors.as_flattened_mut().fill(1.0),
            Mode::Train(rng) => {
                for factor in factors.as_flattened_mut() {
                    *factor = if uniform(rng) < rate { 0.0 } else { 1.0 / (1.0 - rate) };
                }
            }
        }
        scale_places(x, factors, y);
    }

    #[inline(always)]
    fn backward<const B: usize>(
        &self,
        x: &[[[f32; C]; L]],
        _: &[[[f32; C]; L]],
        trace: &mut [[f32; C]; B],
        dy: &mut [[[f32; C]; L]],
        dx: Option<&mut [[[f32; C]; L]]>,
    ) {
        scale_places(dy, front(trace, x.len()), dx.unwrap_or_default());
    }

    fn gradient<const B: usize>(&self, _: &[[[f32; C]; L]], _: &[[f32; C]; B], _: &[[[f32; C]; L]], (): &mut ()) {}

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, [[f32; C]; L]>("SpatialDropout1D", ""));
    }
}

/// Each place of a sample times the factors of its channels.
fn scale_places<const L: usize, const C: usize>(x: &[[[f32; C]; L]], factors: &[[f32; C]], out: &mut [[[f32; C]; L]]) {
    for ((x, factors), out) in x.iter().zip(factors).zip(out) {
        for (x, out) in x.iter().zip(out) {
            scale(x, factors, out);
        }
    }
}
