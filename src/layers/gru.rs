use super::rnn::{Returned, Rnn, RnnCell};
use crate::kernels::Lanes;
use crate::kernels::math::{sigmoid, tanh};
use crate::kernels::recurrent::{Cell, Step};
use crate::tensor::{Architecture, Tensor};

/// A gated recurrent unit: Keras' `GRU(H)` with its default `reset_after=True`, and PyTorch's `GRU`. The form of the paper is
/// [`GruResetBefore`](super::GruResetBefore). With the gates z, r and n,
///
/// ```text
/// z = σ(x · w[0] + h · u[0] + b[0] + b[3])
/// r = σ(x · w[1] + h · u[1] + b[1] + b[4])
/// n = tanh(x · w[2] + b[2] + r ∘ (h · u[2] + b[5]))
/// h ← z ∘ h + (1 − z) ∘ n
/// ```
///
/// `X` is a [`Sequence`](crate::tensor::Sequence) of `T` steps with `I` numbers. `Y` is what it gives:
///
/// | `Y` | Keras | |
/// |---|---|---|
/// | `[f32; H]` | `return_sequences=False` | the last state |
/// | `Sequence<T, H>` | `return_sequences=True` | the state after each step |
///
/// The options `O` are [`Masked`](super::Masked), [`Backwards`](super::Backwards),
/// [`RecurrentDropout`](super::RecurrentDropout), or pairs of them. `CARRIED` and `LEARNT` say
/// what the first state is: 0, with `CARRIED = 1` the last state of the window before ([`StatefulGru`]), with `LEARNT = 1` the
/// trained tensor `initial`.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Gru<Sequence<64, 6>, Sequence<64, 32>>, Gru<Sequence<64, 32>, [f32; 16]>, Dense<16, 4>];
/// assert_eq!(Net::COUNT, 3 * (6 * 32 + 32 * 32 + 2 * 32) + 3 * (32 * 16 + 16 * 16 + 2 * 16) + (16 * 4 + 4));
/// ```
pub type Gru<X, Y, O = (), const CARRIED: usize = 0, const LEARNT: usize = 0> =
    Rnn<GruCell, X, <Y as Returned>::State, <Y as Returned>::Which, O, 3, 6, CARRIED, LEARNT>;

/// A [`Gru`] that begins each window with the last state of the window before: Keras' `GRU(H, stateful=True)`. Training it is
/// truncated backpropagation through time. `BATCH` is 1.
///
/// As in Keras, the state is no weight: files of weights fit a `Gru` and a `StatefulGru` alike, and leave the state as it is.
/// The file of a trainer has the state, so that training goes on; its weights can be read into a `Gru` as well.
pub type StatefulGru<X, Y, O = ()> = Gru<X, Y, O, 1>;

/// The mathematics of a [`Gru`].
pub struct GruCell;

// The slots: z, r, n, and the product of the state for n.
impl Cell for GruCell {
    const SUMS: usize = 4;
    const OF_BIAS: &'static [usize] = &[0, 1, 2, 0, 1, 3];
    const OF_STATE: &'static [usize] = &[0, 1, 3];

    #[inline(always)]
    fn forward<V: Lanes>(step: &mut Step<'_, V>) {
        let (z, r) = (sigmoid(step.slot(0)), sigmoid(step.slot(1)));
        let n = tanh(r.mul_add(step.slot(3), step.slot(2)));
        step.set_slot(0, z);
        step.set_slot(1, r);
        step.set_slot(2, n);
        // z ∘ h + (1 − z) ∘ n
        step.set_state(0, z.mul_add(step.state(0) - n, n));
    }

    #[inline(always)]
    fn backward<V: Lanes>(step: &mut Step<'_, V>) {
        let (z, r, n, q, dh) = (step.slot(0), step.slot(1), step.slot(2), step.slot(3), step.state(0));
        let one = dh.splat(1.0);
        let dn = dh * (one - z) * (one - n * n);
        step.set_slot(0, dh * (step.before() - n) * (z * (one - z)));
        step.set_slot(1, dn * q * (r * (one - r)));
        step.set_slot(2, dn);
        step.set_slot(3, dn * r);
        step.set_state(0, dh * z);
    }
}

impl RnnCell for GruCell {
    const NAME: &'static str = "GRU";
    const ARCHITECTURE: Architecture = Architecture::layer("gru");
    type Slots<R: Tensor> = [R; 4];
    type Dropping<R: Tensor> = [R; 10];
    type States<R: Tensor> = [R; 1];
}
