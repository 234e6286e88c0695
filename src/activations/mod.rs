//! Activation functions, one per file: a value and a slope, written once over [`Lanes`].
//!
//! Most slopes are computed from the output, which is kept anyway. Near a limit of the output, few digits of such a slope are
//! right: for [`Sigmoid`], [`Tanh`], [`Elu`] and [`Selu`] its error is below 2e-7, so that it is 0 where the true slope is
//! small (for a sigmoid from 18 on, for tanh from 10 on). Likewise, below −5 the value and the slope of [`Gelu`] are below 1e-5,
//! with an error below 1.5e-7.
//!
//! To add an activation, write its file, and add one line here and one to the list in `tests/common/catalogue`.

use crate::kernels::elementwise::{self, Map, Zip};
pub use crate::kernels::{Lanes, math};
use crate::tensor::{Architecture, Tensor};
pub use crate::tensor::{No, Want, Yes};

mod elu;
mod gelu;
mod hard_sigmoid;
mod hard_swish;
mod leaky_relu;
mod linear;
mod log_softmax;
mod relu;
mod relu6;
mod selu;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod softsign;
mod tanh;

pub use elu::Elu;
pub use gelu::{Gelu, GeluTanh};
pub use hard_sigmoid::HardSigmoid;
pub use hard_swish::HardSwish;
pub use leaky_relu::LeakyRelu;
pub use linear::Linear;
pub use log_softmax::LogSoftmax;
pub use relu::Relu;
pub use relu6::Relu6;
pub use selu::Selu;
pub use sigmoid::Sigmoid;
pub use silu::Silu;
pub use softmax::Softmax;
pub use softplus::Softplus;
pub use softsign::Softsign;
pub use tanh::Tanh;

/// A function that a layer applies to its pre-activations `z`.
///
/// ```
/// use baregrad::{activations::{Activation, No}, prelude::*, Lanes};
///
/// /// y = z², whose slope is 2 √y for z ≥ 0.
/// struct Square;
/// impl Activation for Square {
///     const NAME: &'static str = "square";
///     type FromInput = No;
///     #[inline(always)] // so that it is compiled for the machine of the kernel that it is part of
///     fn value<V: Lanes>(z: V) -> V { z * z }
///     #[inline(always)]
///     fn slope<V: Lanes>(y: V) -> V { y.splat(2.0) * y.sqrt() }
/// }
/// type Net = chain![Dense<4, 8, Square>, Dense<8, 1>];
/// ```
pub trait Activation: 'static {
    /// The activation's name in Keras.
    const NAME: &'static str;
    /// Its words in the text of a net's [`Architecture`]: the name, and all numbers that change its values.
    const ARCHITECTURE: Architecture = Architecture::NONE.word(Self::NAME);
    /// Whether the slope is computed from the input, which is then kept for the way back ([`Yes`]), or from the output
    /// ([`No`]), which needs no memory.
    type FromInput: Want;

    /// The value at `z`. By default it is `z`, as suits a function of a whole sample.
    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z
    }

    /// The derivative. `kept` is the input or the output, depending on `FromInput`. By default it is 1.
    #[inline(always)]
    fn slope<V: Lanes>(kept: V) -> V {
        let _ = kept;
        kept.splat(1.0)
    }

    /// Whether it is a function of a whole row, such as softmax. The rows of a sample lie along its last axis, as in Keras:
    /// the channels of a place are a row.
    const OF_ROW: bool = false;

    /// Completes a row after `value` was applied to each of its numbers. Only functions of a whole row need it.
    #[inline(always)]
    fn finish_row(_y: &mut [f32]) {}

    /// `dx = dy · slope`; without `dy`, it lies in `dx`. Functions of a whole row multiply by their Jacobian, and take
    /// exactly one row; functions of single numbers take any.
    #[inline(always)]
    fn chain_rule(kept: &[f32], dy: Option<&[f32]>, dx: &mut [f32]) {
        elementwise::zip_from(&Slope::<Self>(core::marker::PhantomData), kept, dy, dx);
    }
}

/// Returns the numbers that an activation takes at once: a row or a sample.
const fn at_once<A: Activation, X: Tensor>() -> usize {
    let len = if A::OF_ROW { X::AXES[X::RANK - 1] } else { X::LEN };
    if len == 0 { 1 } else { len }
}

/// Completes all rows.
#[inline(always)]
pub(crate) fn finish<A: Activation, X: Tensor>(y: &mut [X]) {
    let y = X::flat_all_mut(y).chunks_exact_mut(const { at_once::<A, X>() });
    y.for_each(|y| A::finish_row(y));
}

/// The [chain rule](Activation::chain_rule) for samples.
#[inline(always)]
pub(crate) fn chain_rule<A: Activation, X: Tensor>(kept: &[X], dy: Option<&[X]>, dx: &mut [X]) {
    let at_once = const { at_once::<A, X>() };
    let (mut kept, mut dy, mut dx) = (X::flat_all(kept), dy.map(X::flat_all), X::flat_all_mut(dx));
    // Chunks would leave a path to a panic where the compiler does not inline them.
    while let (Some((row, kept_rest)), Some((dx_row, dx_rest))) =
        (kept.split_at_checked(at_once), dx.split_at_mut_checked(at_once))
    {
        let dy_parts = dy.and_then(|dy| dy.split_at_checked(at_once));
        A::chain_rule(row, dy_parts.map(|(row, _)| row), dx_row);
        (kept, dy, dx) = (kept_rest, dy_parts.map(|(_, rest)| rest), dx_rest);
    }
}

/// An activation's value as a kernel.
pub(crate) struct Value<A: ?Sized>(pub(crate) core::marker::PhantomData<A>);

impl<A: Activation> Map for Value<A> {
    #[inline(always)]
    fn map<V: Lanes>(&self, x: V) -> V {
        A::value(x)
    }
}

/// An activation's slope as a kernel.
struct Slope<A: ?Sized>(core::marker::PhantomData<A>);

impl<A: Activation + ?Sized> Zip for Slope<A> {
    #[inline(always)]
    fn zip<V: Lanes>(&self, kept: V, dy: V) -> V {
        dy * A::slope(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest errors of value and slope for z from −30 to 30, as far as they are below a bound.
    fn errors<A: Activation>(value: impl Fn(f64) -> f64, slope: impl Fn(f64) -> f64, below: f32) -> [f64; 2] {
        let mut worst = [0.0_f64; 2];
        for i in -30_000..30_000 {
            let z = i as f32 / 1000.0;
            let y = A::value(z);
            let kept = if A::FromInput::YES { z } else { y };
            if z < below {
                let errors = [f64::from(y) - value(z.into()), f64::from(A::slope(kept)) - slope(z.into())];
                worst = core::array::from_fn(|i| f64::max(worst[i], f64::abs(errors[i])));
            }
        }
        worst
    }

    #[test]
    fn errors_in_the_tails() {
        fn sigmoid(z: f64) -> f64 {
            1.0 / (1.0 + libm::exp(-z))
        }
        fn normal(z: f64) -> f64 {
            0.5 * libm::erfc(-z / core::f64::consts::SQRT_2)
        }
        const SCALE: f64 = 1.758_099_340_847_376_6;
        let density = |z: f64| libm::exp(-0.5 * z * z) * 0.398_942_280_401_432_7;
        let (all, below_0) = (f32::INFINITY, 0.0);
        for (errors, limit) in [
            (errors::<Sigmoid>(sigmoid, |z| sigmoid(z) * sigmoid(-z), all), 2e-7),
            (errors::<Tanh>(libm::tanh, |z| libm::pow(libm::cosh(z), -2.0), all), 2e-7),
            (errors::<Elu>(libm::expm1, libm::exp, below_0), 2e-7),
            (errors::<Selu>(|z| SCALE * libm::expm1(z), |z| SCALE * libm::exp(z), below_0), 2e-7),
            (errors::<Gelu>(|z| z * normal(z), |z| normal(z) + z * density(z), -5.0), 1.5e-7),
        ] {
            assert!(errors.iter().all(|error| *error < limit), "{errors:?}");
        }
        assert_eq!((Sigmoid::slope(Sigmoid::value(18.0_f32)), Tanh::slope(Tanh::value(10.0_f32))), (0.0, 0.0));
    }
}
