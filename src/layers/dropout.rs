use crate::tensor::rng::uniform;
use crate::tensor::{Sfc32, Tensor, Want, copy, front_mut};

/// In training, sets `PERCENT` % of its input to zero and scales up the rest, so that inference need not scale ("inverted"
/// dropout; Srivastava et al. 2014): Keras' `Dropout(PERCENT / 100)`, for samples of any shape.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10>];
/// ```
#[derive(Clone)]
pub struct Dropout<const PERCENT: u32>;

crate::tensor::debug!([const PERCENT: u32] Dropout<PERCENT>);

// The factor is 0 or 1 / (1 − rate).
impl<const PERCENT: u32> Factors for Dropout<PERCENT> {
    fn numbers() -> [f32; 2] {
        let rate = PERCENT as f32 / 100.0;
        [rate, 1.0 / (1.0 - rate)]
    }

    fn draw([rate, scale]: [f32; 2], rng: &mut Sfc32) -> f32 {
        if uniform(rng) < rate { 0.0 } else { scale }
    }
}

/// A layer that multiplies by random factors in training. `dropout!` makes it a [`Layer`](crate::net::Layer).
pub(super) trait Factors {
    /// Returns the numbers that all samples of a batch share.
    fn numbers() -> [f32; 2];

    /// Draws a factor.
    fn draw(numbers: [f32; 2], rng: &mut Sfc32) -> f32;

    /// Returns the output for `x`. Its slope is the factor.
    fn apply(_: [f32; 2], x: f32, factor: f32) -> f32 {
        times(x, factor)
    }
}

/// Implements [`Layer`](crate::net::Layer) for a layer with [`Factors`], a type with the one parameter `PERCENT`.
macro_rules! dropout {
    ($Dropout:ident, $name:expr) => {
        impl<const PERCENT: u32> crate::tensor::Parameterless for $Dropout<PERCENT> {
            const LAYER: Self = {
                assert!(PERCENT < 100, "a dropout of 100 % leaves nothing");
                $Dropout
            };
        }

        impl<X: crate::tensor::Tensor, const PERCENT: u32> crate::net::Layer<X> for $Dropout<PERCENT> {
            type Y = X;
            /// The factor of each number.
            type Trace<const B: usize, W: crate::tensor::Want> = W::Of<[X; B]>;
            crate::leaf!(random X, $name);

            #[inline(always)]
            fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
                crate::tensor::copy(x, y);
            }

            #[inline(always)]
            fn forward<const B: usize, W: crate::tensor::Want>(
                &self, x: &[X], y: &mut [X], trace: &mut W::Of<[X; B]>, mode: crate::net::Mode<'_>,
            ) {
                super::dropout::multiply::<Self, X, B, W>(x, y, trace, mode.rng());
            }
        }

        impl<const PERCENT: u32> crate::net::Stepwise for $Dropout<PERCENT> {}

        impl<X: crate::tensor::Tensor, const PERCENT: u32> crate::net::Backward<X> for $Dropout<PERCENT> {
            #[inline(always)]
            fn backward<const B: usize, W: crate::tensor::Want>(
                &self, x: &[X], _: &[X], trace: &mut W::Of<[X; B]>, dy: &mut [X], dx: Option<&mut [X]>,
            ) {
                let factors = W::get::<[X; B]>(trace).map_or(&[][..], |kept| crate::tensor::front(kept, x.len()));
                super::dropout::scale(X::flat_all(dy), X::flat_all(factors), X::flat_all_mut(dx.unwrap_or_default()));
            }
        }
    };
}
pub(super) use dropout;

dropout!(Dropout, "Dropout");

/// The forward pass. The factors are kept if the way back wants them.
pub(super) fn multiply<F: Factors, X: Tensor, const B: usize, W: Want>(
    x: &[X],
    y: &mut [X],
    trace: &mut W::Of<[X; B]>,
    rng: Option<&mut Sfc32>,
) {
    let kept = W::get_mut::<[X; B]>(trace).map_or(&mut [][..], |kept| X::flat_all_mut(front_mut(kept, x.len())));
    let Some(rng) = rng else {
        kept.fill(1.0);
        return copy(x, y);
    };
    let (numbers, mut kept) = (F::numbers(), kept.iter_mut());
    for (x, y) in X::flat_all(x).iter().zip(X::flat_all_mut(y)) {
        let factor = F::draw(numbers, rng);
        *y = F::apply(numbers, *x, factor);
        if let Some(kept) = kept.next() {
            *kept = factor;
        }
    }
}

/// Returns x · factor, or 0 if the factor is 0, whatever x is.
fn times(x: f32, factor: f32) -> f32 {
    if factor == 0.0 { 0.0 } else { x * factor }
}

/// Computes `out = x · factor`; see [`times`].
pub(super) fn scale(x: &[f32], factors: &[f32], out: &mut [f32]) {
    for ((x, factor), out) in x.iter().zip(factors).zip(out) {
        *out = times(*x, *factor);
    }
}
