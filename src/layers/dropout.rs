use crate::leaf;
use crate::net::{Backward, Layer, LayerInfo, Mode};
use crate::tensor::rng::uniform;
use crate::tensor::{Parameterless, Tensor, Want, copy, front, front_mut};

/// In training, sets `PERCENT` % of its input to zero and scales up the rest, so that inference need not scale ("inverted"
/// dropout; Srivastava et al. 2014): Keras' `Dropout(PERCENT / 100)`, for samples of any shape.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10>];
/// ```
pub struct Dropout<const PERCENT: u32>;

impl<const PERCENT: u32> Parameterless for Dropout<PERCENT> {
    const LAYER: Self = {
        assert!(PERCENT < 100, "a dropout of 100 % leaves nothing");
        Dropout
    };
}

impl<X: Tensor, const PERCENT: u32> Layer<X> for Dropout<PERCENT> {
    type Y = X;
    /// The factor of each number: 0 or 1 / (1 − rate).
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
                let rate = PERCENT as f32 / 100.0;
                let draw = || if uniform(rng) < rate { 0.0 } else { 1.0 / (1.0 - rate) };
                multiply(X::flat_all(x), X::flat_all_mut(y), factors, draw, times);
            }
        }
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("Dropout", ""));
    }
}

impl<X: Tensor, const PERCENT: u32> Backward<X> for Dropout<PERCENT> {
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

/// Returns the place for the factors of `count` samples, if the way back wants them.
pub(super) fn factors<X: Tensor, const B: usize, W: Want>(trace: &mut W::Of<[X; B]>, count: usize) -> &mut [f32] {
    W::get_mut::<[X; B]>(trace).map_or(&mut [][..], |kept| X::flat_all_mut(front_mut(kept, count)))
}

/// Computes `y = f(x, factor)` with a factor drawn for each number. The factor is kept if there is room.
pub(super) fn multiply(
    x: &[f32],
    y: &mut [f32],
    kept: &mut [f32],
    mut draw: impl FnMut() -> f32,
    f: impl Fn(f32, f32) -> f32,
) {
    let mut kept = kept.iter_mut();
    for (x, y) in x.iter().zip(y) {
        let factor = draw();
        if let Some(kept) = kept.next() {
            *kept = factor;
        }
        *y = f(*x, factor);
    }
}

/// Returns x · factor, or 0 if the factor is 0, whatever x is.
pub(super) fn times(x: f32, factor: f32) -> f32 {
    if factor == 0.0 { 0.0 } else { x * factor }
}

/// Computes `out = x · factor`; see [`times`].
pub(super) fn scale(x: &[f32], factors: &[f32], out: &mut [f32]) {
    for ((x, factor), out) in x.iter().zip(factors).zip(out) {
        *out = times(*x, *factor);
    }
}
