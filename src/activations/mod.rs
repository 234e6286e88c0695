//! Activation functions, one per file: a value and a slope, written once over [`Lanes`].
//!
//! To add an activation, write its file, and add one line here and one to the list in `tests/common/catalogue`.

use crate::kernels::elementwise::{self, Map, Zip};
pub use crate::kernels::{Lanes, math};
pub use crate::tensor::{No, Want, Yes};

mod elu;
mod gelu;
mod hard_sigmoid;
mod hard_swish;
mod leaky_relu;
mod linear;
mod log_softmax;
mod relu;
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
///     fn value<V: Lanes>(z: V) -> V { z * z }
///     fn slope<V: Lanes>(y: V) -> V { V::splat(2.0) * y.sqrt() }
/// }
/// type Net = chain![Dense<4, 8, Square>, Dense<8, 1>];
/// ```
pub trait Activation: 'static {
    /// The activation's name in Keras.
    const NAME: &'static str;
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
        V::splat(1.0)
    }

    /// Completes a sample after `value` was applied to each of its numbers. Only functions of a whole sample, such as
    /// softmax, need it.
    #[inline(always)]
    fn finish_sample(_y: &mut [f32]) {}

    /// Multiplies `dy` by the slope. Functions of a whole sample multiply by their Jacobian, and take exactly one sample;
    /// functions of single numbers take one or more.
    #[inline(always)]
    fn chain_rule(kept: &[f32], dy: &mut [f32]) {
        elementwise::zip(&Slope::<Self>(core::marker::PhantomData), kept, dy);
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
