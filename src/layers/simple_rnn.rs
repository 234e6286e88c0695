use super::rnn::{Returned, Rnn, RnnCell};
use crate::activations::{Activation, Tanh};
use crate::kernels::Lanes;
use crate::kernels::recurrent::{Cell, Step};
use crate::tensor::{Architecture, Tensor, Want};
use core::marker::PhantomData;

/// A plain recurrent layer, `h ← A(x · w + h · u + b)`: Keras' `SimpleRNN(H, activation=A)`, and PyTorch's `RNN`.
///
/// `X`, `Y` and `O` are those of a [`Gru`](super::Gru).
///
/// ```
/// use baregrad::prelude::*;
/// // The sum of all inputs.
/// let mut layer = SimpleRnn::<Sequence<3, 1>, Sequence<3, 1>, Linear>::NEW;
/// (layer.w, layer.u) = ([[[1.0]]], [[[1.0]]]);
/// let mut y = [[0.0]; 3];
/// layer.infer_one(&[[1.0], [2.0], [5.0]], &mut y, &mut []);
/// assert_eq!(y, [[1.0], [3.0], [8.0]]);
/// ```
pub type SimpleRnn<X, Y, A = Tanh, O = (), const CARRIED: usize = 0, const LEARNT: usize = 0> =
    Rnn<SimpleRnnCell<A>, X, <Y as Returned>::State, <Y as Returned>::Which, O, 1, 1, CARRIED, LEARNT>;

/// The mathematics of a [`SimpleRnn`].
pub struct SimpleRnnCell<A>(PhantomData<A>);

// The slot holds what the slope is computed from.
impl<A: Activation> Cell for SimpleRnnCell<A> {
    const SUMS: usize = 1;
    const OF_BIAS: &'static [usize] = &[0];
    const OF_STATE: &'static [usize] = &[0];

    #[inline(always)]
    fn forward<V: Lanes>(step: &mut Step<'_, V>) {
        const { assert!(!A::OF_ROW, "the activation of a recurrent layer is a function of single numbers") };
        let h = A::value(step.slot(0));
        if !A::FromInput::YES {
            step.set_slot(0, h);
        }
        step.set_state(0, h);
    }

    #[inline(always)]
    fn backward<V: Lanes>(step: &mut Step<'_, V>) {
        let dh = step.state(0);
        step.set_slot(0, dh * A::slope(step.slot(0)));
        step.set_state(0, dh.splat(0.0));
    }
}

impl<A: Activation> RnnCell for SimpleRnnCell<A> {
    const NAME: &'static str = "SimpleRNN";
    const ARCHITECTURE: Architecture = Architecture::layer("simple_rnn").then(A::ARCHITECTURE);
    const ACTIVATION: &'static str = A::NAME;
    const UNBOUNDED: bool = true;
    type Slots<R: Tensor> = [R; 1];
    type Dropping<R: Tensor> = [R; 3];
    type States<R: Tensor> = [R; 1];
}
