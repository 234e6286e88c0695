use super::dropout::scale;
use crate::kernels::no_unrolling;
use crate::leaf;
use crate::net::{Backward, Layer, Mode, StreamLayer};
use crate::tensor::rng::uniform;
use crate::tensor::{Parameterless, Places, Steps, Tensor, Want, Zero, by_rank, copy, front};

/// In training, sets `PERCENT` % of the channels to zero, each at all places at once, and scales up the rest (Tompson et al.
/// 2015): Keras' `SpatialDropout1D(PERCENT / 100)` and `SpatialDropout2D`, for sequences and images.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<8, 12>, Reshape<[[f32; 3]; 4]>, SpatialDropout<20>, Flatten<12>, Dense<12, 1>];
/// ```
#[derive(Clone)]
pub struct SpatialDropout<const PERCENT: u32>;

crate::tensor::debug!([const PERCENT: u32] SpatialDropout<PERCENT>);

impl<const PERCENT: u32> Parameterless for SpatialDropout<PERCENT> {
    const LAYER: Self = {
        assert!(PERCENT < 100, "a dropout of 100 % leaves nothing");
        SpatialDropout
    };
}

impl<X: Places, const PERCENT: u32> Layer<X> for SpatialDropout<PERCENT> {
    type Y = X;
    /// The factor of each channel: 0 or 1 / (1 − rate).
    type Trace<const B: usize, W: Want> = W::Of<[X::Place; B]>;
    leaf!(random X, by_rank::<X>("SpatialDropout1D", "SpatialDropout2D"));

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        copy(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [X], trace: &mut W::Of<[X::Place; B]>, mode: Mode<'_>) {
        let rate = PERCENT as f32 / 100.0;
        let mut rng = mode.rng();
        let mut kept = W::get_mut::<[X::Place; B]>(trace).map_or(&mut [][..], |kept| kept).iter_mut();
        for (x, y) in x.iter().zip(y) {
            let mut factors = X::Place::ZERO;
            factors.flat_mut().fill(1.0);
            if let Some(rng) = &mut rng {
                for factor in factors.flat_mut() {
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

impl<X: Places, const PERCENT: u32> Backward<X> for SpatialDropout<PERCENT> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[X],
        _: &[X],
        trace: &mut W::Of<[X::Place; B]>,
        dy: &mut [X],
        dx: Option<&mut [X]>,
    ) {
        let factors = W::get::<[X::Place; B]>(trace).map_or(&[][..], |factors| front(factors, x.len()));
        for ((dy, factors), dx) in dy.iter().zip(factors).zip(dx.unwrap_or_default()) {
            scale_places(dy, factors, dx);
        }
    }
}

/// Multiplies each place of a sample by the factors of its channels.
fn scale_places<X: Places>(x: &X, factors: &X::Place, out: &mut X) {
    for (x, out) in X::Place::from_flat(x.flat()).iter().zip(X::Place::from_flat_mut(out.flat_mut())) {
        scale(x.flat(), factors.flat(), out.flat_mut());
        no_unrolling();
    }
}

impl<X: Places + Steps, const PERCENT: u32> StreamLayer<X> for SpatialDropout<PERCENT> {
    type Memory = ();
    const DELAY: usize = 0;
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, (): &mut (), x: &X::Step) -> Option<X::Step> {
        Some(*x)
    }
}
