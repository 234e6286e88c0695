use super::dropout::scale;
use crate::leaf;
use crate::net::{Backward, Layer, Mode};
use crate::tensor::rng::uniform;
use crate::tensor::{Parameterless, Want, copy, front};

/// In training, sets `PERCENT` % of the channels to zero, each at all places at once, and scales up the rest (Tompson et al.
/// 2015): Keras' `SpatialDropout1D(PERCENT / 100)`, for samples of `L` places with `C` channels.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<8, 12>, Reshape<[[f32; 3]; 4]>, SpatialDropout1D<20>, Flatten<12>, Dense<12, 1>];
/// ```
#[derive(Clone)]
pub struct SpatialDropout1D<const PERCENT: u32>;

crate::tensor::debug!([const PERCENT: u32] SpatialDropout1D<PERCENT>);

impl<const PERCENT: u32> Parameterless for SpatialDropout1D<PERCENT> {
    const LAYER: Self = {
        assert!(PERCENT < 100, "a dropout of 100 % leaves nothing");
        SpatialDropout1D
    };
}

impl<const L: usize, const C: usize, const PERCENT: u32> Layer<[[f32; C]; L]> for SpatialDropout1D<PERCENT> {
    type Y = [[f32; C]; L];
    /// The factor of each channel: 0 or 1 / (1 − rate).
    type Trace<const B: usize, W: Want> = W::Of<[[f32; C]; B]>;
    leaf!(random [[f32; C]; L], "SpatialDropout1D");

    #[inline(always)]
    fn infer(&self, x: &[[[f32; C]; L]], y: &mut [[[f32; C]; L]], _: &mut [f32]) {
        copy(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[[f32; C]; L]],
        y: &mut [[[f32; C]; L]],
        trace: &mut W::Of<[[f32; C]; B]>,
        mode: Mode<'_>,
    ) {
        let rate = PERCENT as f32 / 100.0;
        let mut rng = mode.rng();
        let mut kept = W::get_mut::<[[f32; C]; B]>(trace).map_or(&mut [][..], |kept| kept).iter_mut();
        for (x, y) in x.iter().zip(y) {
            let mut factors = [1.0; C];
            if let Some(rng) = &mut rng {
                for factor in &mut factors {
                    *factor = if uniform(*rng) < rate { 0.0 } else { 1.0 / (1.0 - rate) };
                }
            }
            if let Some(kept) = kept.next() {
                *kept = factors;
            }
            scale_places(x, &factors, y);
        }
    }
}

impl<const L: usize, const C: usize, const PERCENT: u32> Backward<[[f32; C]; L]> for SpatialDropout1D<PERCENT> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[[f32; C]; L]],
        _: &[[[f32; C]; L]],
        trace: &mut W::Of<[[f32; C]; B]>,
        dy: &mut [[[f32; C]; L]],
        dx: Option<&mut [[[f32; C]; L]]>,
    ) {
        let factors = W::get::<[[f32; C]; B]>(trace).map_or(&[][..], |factors| front(factors, x.len()));
        for ((dy, factors), dx) in dy.iter().zip(factors).zip(dx.unwrap_or_default()) {
            scale_places(dy, factors, dx);
        }
    }
}

/// Multiplies each place of a sample by the factors of its channels.
fn scale_places<const L: usize, const C: usize>(x: &[[f32; C]; L], factors: &[f32; C], out: &mut [[f32; C]; L]) {
    for (x, out) in x.iter().zip(out) {
        scale(x, factors, out);
    }
}
