//! Penalties for the size of weights, which are added to the loss.

use super::Sink;
use crate::kernels::elementwise::{self, Zip};
use crate::kernels::update::Gradient;
use crate::kernels::{Lanes, reduce};
use core::marker::PhantomData;

/// A penalty on weights, `L1 · Σ |w| + L2 · Σ w²`: Keras' regularizers. A type of your own can have any factors. `()` is no
/// penalty.
///
/// ```
/// use baregrad::prelude::*;
/// // Dense(32, activation="relu", kernel_regularizer=L2(1e-4)), Dense(10)
/// type Net = chain![Dense<64, 32, Relu, L2<100>>, Dense<32, 10>];
/// let mut net = Net::NEW;
/// net.0.w[0][0] = 3.0;
/// assert!((net.penalty() - 1e-4 * 9.0).abs() < 1e-9);
/// ```
///
/// The losses of training and evaluation include the penalty, as in Keras. So does the gradient that is clipped.
pub trait Penalty: 'static {
    /// The factor of the absolute values.
    const L1: f32 = 0.0;
    /// The factor of the squares.
    const L2: f32 = 0.0;
}

impl Penalty for () {}

/// `Σ |w|` times this many millionths: `L1<10_000>` is Keras' default `L1(0.01)`.
pub struct L1<const MILLIONTHS: u32>;

/// `Σ w²` times this many millionths: `L2<10_000>` is Keras' default `L2(0.01)`. In PyTorch, a `weight_decay` of the same
/// size counts half as much.
pub struct L2<const MILLIONTHS: u32>;

/// Both penalties, each with its factor in millionths.
pub struct L1L2<const MILLIONTHS_1: u32, const MILLIONTHS_2: u32>;

const MILLIONTH: f64 = 1e-6;

impl<const MILLIONTHS: u32> Penalty for L1<MILLIONTHS> {
    const L1: f32 = (MILLIONTHS as f64 * MILLIONTH) as f32;
}

impl<const MILLIONTHS: u32> Penalty for L2<MILLIONTHS> {
    const L2: f32 = (MILLIONTHS as f64 * MILLIONTH) as f32;
}

impl<const MILLIONTHS_1: u32, const MILLIONTHS_2: u32> Penalty for L1L2<MILLIONTHS_1, MILLIONTHS_2> {
    const L1: f32 = (MILLIONTHS_1 as f64 * MILLIONTH) as f32;
    const L2: f32 = (MILLIONTHS_2 as f64 * MILLIONTH) as f32;
}

/// The terms of the penalty.
struct Term<P>(PhantomData<P>);

impl<P: Penalty> Zip for Term<P> {
    #[inline(always)]
    fn zip<V: Lanes>(&self, w: V, _: V) -> V {
        w.abs() * w.splat(P::L1) + w * w * w.splat(P::L2)
    }
}

/// Adds the slope of the penalty to a gradient.
struct Slope<P>(PhantomData<P>);

impl<P: Penalty> Zip for Slope<P> {
    #[inline(always)]
    fn zip<V: Lanes>(&self, w: V, gradient: V) -> V {
        let zero = w.splat(0.0);
        let sign = w.if_less(zero, w.splat(-P::L1), zero.if_less(w, w.splat(P::L1), zero));
        // Not fused: the same weights may come in pieces, for which another machine is chosen.
        w * w.splat(2.0 * P::L2) + gradient + sign
    }
}

/// Whether `P` is a penalty at all.
const fn is_some<P: Penalty>() -> bool {
    P::L1 != 0.0 || P::L2 != 0.0
}

/// Returns the penalty of weights.
#[inline]
pub fn penalty<P: Penalty>(w: &[f32]) -> f32 {
    // Adding −0.0 changes no value.
    if const { is_some::<P>() } { reduce::sum(&Term::<P>(PhantomData), w, w) } else { -0.0 }
}

/// Adds the slope of the penalty to the gradient of all weights: `dw += L1 · sign(w) + 2 · L2 · w`.
#[inline]
pub fn penalty_gradient<P: Penalty>(w: &[f32], gradient: &mut [f32]) {
    if const { is_some::<P>() } {
        elementwise::zip(&Slope::<P>(PhantomData), w, gradient);
    }
}

/// Passes a gradient to a sink. If the sink changes the weights, the slope of the penalty is added first. A gradient in
/// memory gets the slope once at the end, from [`Params::penalty_gradient`](super::Params::penalty_gradient).
#[inline(always)]
pub fn add_penalized<P: Penalty>(to: &mut impl Sink, from: usize, gradient: Gradient<'_>) {
    if const { !is_some::<P>() } || to.weights().is_none() {
        return to.add(from, gradient);
    }
    gradient.pieces(|place, piece| {
        let old = to.weights().and_then(|w| w.get(from + place..)).unwrap_or_default();
        elementwise::zip(&Slope::<P>(PhantomData), old, piece);
        to.add(from + place, (&*piece).into());
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::widths;

    struct Odd;
    impl Penalty for Odd {
        const L1: f32 = 0.3;
        const L2: f32 = 0.7;
    }

    #[test]
    fn all_widths_give_the_same_bits() {
        widths::sum(&Term::<Odd>(PhantomData));
        widths::zip(&Slope::<Odd>(PhantomData));
    }

    #[test]
    fn the_slope_is_that_of_the_penalty() {
        let term = |w: f32| Term::<Odd>(PhantomData).zip(w, w);
        for w in [-2.0_f32, -0.5, 0.25, 3.0] {
            let want = (term(w + 0.01) - term(w - 0.01)) / 0.02;
            let slope = Slope::<Odd>(PhantomData).zip(w, 10.0) - 10.0;
            assert!((slope - want).abs() < 1e-3, "at {w}: {slope}, not {want}");
        }
        assert_eq!(Slope::<Odd>(PhantomData).zip(0.0, 10.0), 10.0, "no sign at 0");
    }
}
