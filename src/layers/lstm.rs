use super::rnn::{Returned, Rnn, RnnCell};
use crate::kernels::Lanes;
use crate::kernels::math::{sigmoid, tanh};
use crate::kernels::recurrent::{Cell, Step};
use crate::tensor::{Architecture, Tensor};

/// A long short-term memory: Keras' `LSTM(H)`, and PyTorch's `LSTM`. With the gates i, f, g and o, which are numbers 0 to 3,
///
/// ```text
/// i = σ(x · w[0] + h · u[0] + b[0])
/// f = σ(x · w[1] + h · u[1] + b[1])
/// g = tanh(x · w[2] + h · u[2] + b[2])
/// o = σ(x · w[3] + h · u[3] + b[3])
/// c ← f ∘ c + i ∘ g
/// h ← o ∘ tanh(c)
/// ```
///
/// The biases of f start at 1 (Keras' `unit_forget_bias`). `X`, `Y` and `O` are those of a [`Gru`](super::Gru). There are two states, h and c, so `CARRIED`
/// or `LEARNT` is 2 if there are such states.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Lstm<Sequence<64, 6>, [f32; 32]>, Dense<32, 6>];
/// assert_eq!(Net::COUNT, 4 * (6 * 32 + 32 * 32 + 32) + (32 * 6 + 6));
/// assert_eq!(Net::NEW.0.b[1], [1.0; 32]);
/// ```
pub type Lstm<X, Y, O = (), const CARRIED: usize = 0, const LEARNT: usize = 0> =
    Rnn<LstmCell, X, <Y as Returned>::State, <Y as Returned>::Which, O, 4, 4, CARRIED, LEARNT>;

/// An [`Lstm`] that begins each window with the last states of the window before: Keras' `LSTM(H, stateful=True)`. Training it
/// is truncated backpropagation through time. `BATCH` is 1. Files have the states as they have the state of a
/// [`StatefulGru`](super::StatefulGru).
pub type StatefulLstm<X, Y, O = ()> = Lstm<X, Y, O, 2>;

/// The mathematics of an [`Lstm`].
pub struct LstmCell;

// The slots: i, f, g, o, and c before the step. The states: h and c.
impl Cell for LstmCell {
    const SUMS: usize = 4;
    const OF_BIAS: &'static [usize] = &[0, 1, 2, 3];
    const OF_STATE: &'static [usize] = &[0, 1, 2, 3];

    #[inline(always)]
    fn forward<V: Lanes>(step: &mut Step<'_, V>) {
        let (i, f, o) = (sigmoid(step.slot(0)), sigmoid(step.slot(1)), sigmoid(step.slot(3)));
        let (g, c) = (tanh(step.slot(2)), step.state(1));
        step.set_slot(0, i);
        step.set_slot(1, f);
        step.set_slot(2, g);
        step.set_slot(3, o);
        step.set_slot(4, c);
        let c = after(i, f, g, c);
        step.set_state(1, c);
        step.set_state(0, o * tanh(c));
    }

    #[inline(always)]
    fn backward<V: Lanes>(step: &mut Step<'_, V>) {
        let (i, f, g, o, c) = (step.slot(0), step.slot(1), step.slot(2), step.slot(3), step.slot(4));
        let (dh, one) = (step.state(0), c.splat(1.0));
        let squashed = tanh(after(i, f, g, c));
        let dc = (dh * o).mul_add(one - squashed * squashed, step.state(1));
        step.set_slot(0, dc * g * (i * (one - i)));
        step.set_slot(1, dc * c * (f * (one - f)));
        step.set_slot(2, dc * i * (one - g * g));
        step.set_slot(3, dh * squashed * (o * (one - o)));
        step.set_state(0, c.splat(0.0));
        step.set_state(1, dc * f);
    }
}

/// f ∘ c + i ∘ g
#[inline(always)]
fn after<V: Lanes>(i: V, f: V, g: V, c: V) -> V {
    f.mul_add(c, i * g)
}

impl RnnCell for LstmCell {
    const NAME: &'static str = "LSTM";
    const ARCHITECTURE: Architecture = Architecture::layer("lstm");
    const ONES: Option<usize> = Some(1);
    type Slots<R: Tensor> = [R; 5];
    type Dropping<R: Tensor> = [R; 13];
    type States<R: Tensor> = [R; 2];
}
