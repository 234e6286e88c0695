use crate::net::LayerInfo;
use crate::net::{Layer, Mode};
use crate::tensor::Parameterless;
use crate::tensor::rng::uniform;
use crate::tensor::{Tensor, front, front_mut};

/// Sets `PERCENT` % of its input to zero while training and scales up the rest, so that inference need not scale
/// ("inverted" dropout; Srivastava et al. 2014). Keras' `Dropout(PERCENT / 100)`, on samples of any shape.
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
    type Trace<const B: usize> = [X; B];
    const WORK: usize = 0;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            *y = *x;
        }
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[X], y: &mut [X], trace: &mut [X; B], mode: Mode<'_>) {
        let rate = PERCENT as f32 / 100.0;
        let factors = X::flat_all_mut(front_mut(trace, x.len()));
        match mode {
            Mode::Infer => factors.fill(1.0),
            Mode::Train(rng) => {
                for factor in factors.iter_mut() {
                    *factor = if uniform(rng) < rate { 0.0 } else { 1.0 / (1.0 - rate) };
                }
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

    fn gradient<const B: usize>(&self, _: &[X], _: &[X; B], _: &[X], _: &mut ()) {}

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("Dropout", ""));
    }
}

/// out = factor · x, and 0 where the factor is 0, whatever x is.
pub(super) fn scale(x: &[f32], factors: &[f32], out: &mut [f32]) {
    for ((x, factor), out) in x.iter().zip(factors).zip(out) {
        *out = if *factor == 0.0 { 0.0 } else { x * factor };
    }
}
