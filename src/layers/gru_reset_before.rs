use super::rnn::{Returned, Rnn, RnnCell};
use crate::kernels::Lanes;
use crate::kernels::math::{sigmoid, tanh};
use crate::kernels::recurrent::{Cell, Step};
use crate::tensor::{Architecture, Tensor};

/// The gated recurrent unit of Cho et al. (2014), which resets the state before the product: Keras' `GRU(H, reset_after=False)`.
/// PyTorch does not have it. With the gates z, r and n,
///
/// ```text
/// z = σ(x · w[0] + h · u[0] + b[0])
/// r = σ(x · w[1] + h · u[1] + b[1])
/// n = tanh(x · w[2] + (r ∘ h) · u[2] + b[2])
/// h ← z ∘ h + (1 − z) ∘ n
/// ```
///
/// `X`, `Y`, `O`, `CARRIED` and `LEARNT` are those of a [`Gru`](super::Gru). The product of n waits for r, so a step takes longer
/// than that of a `Gru`.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![GruResetBefore<Sequence<64, 6>, [f32; 16]>, Dense<16, 4>];
/// assert_eq!(Net::COUNT, 3 * (6 * 16 + 16 * 16 + 16) + (16 * 4 + 4));
/// ```
pub type GruResetBefore<X, Y, O = (), const CARRIED: usize = 0, const LEARNT: usize = 0> =
    Rnn<GruResetBeforeCell, X, <Y as Returned>::State, <Y as Returned>::Which, O, 3, 3, CARRIED, LEARNT>;

/// The mathematics of a [`GruResetBefore`].
pub struct GruResetBeforeCell;

// The slots: z, r, n, and r ∘ h.
impl Cell for GruResetBeforeCell {
    const SUMS: usize = 3;
    const OF_BIAS: &'static [usize] = &[0, 1, 2];
    const OF_STATE: &'static [usize] = &[0, 1, 2];
    const RESET: Option<(usize, usize)> = Some((2, 3));

    #[inline(always)]
    fn reset<V: Lanes>(step: &mut Step<'_, V>) {
        let (z, r) = (sigmoid(step.slot(0)), sigmoid(step.slot(1)));
        step.set_slot(0, z);
        step.set_slot(1, r);
        step.set_slot(3, r * step.state(0));
    }

    #[inline(always)]
    fn forward<V: Lanes>(step: &mut Step<'_, V>) {
        let (z, n) = (step.slot(0), tanh(step.slot(2)));
        step.set_slot(2, n);
        // z ∘ h + (1 − z) ∘ n
        step.set_state(0, z.mul_add(step.state(0) - n, n));
    }

    #[inline(always)]
    fn backward<V: Lanes>(step: &mut Step<'_, V>) {
        let (z, n, dh) = (step.slot(0), step.slot(2), step.state(0));
        let one = dh.splat(1.0);
        step.set_slot(0, dh * (step.before() - n) * (z * (one - z)));
        step.set_slot(2, dh * (one - z) * (one - n * n));
        step.set_slot(3, dh.splat(0.0));
        step.set_state(0, dh * z);
    }

    #[inline(always)]
    fn reset_backward<V: Lanes>(step: &mut Step<'_, V>) {
        let (r, h, dq) = (step.slot(1), step.before(), step.slot(3));
        step.set_slot(1, dq * h * (r * (dq.splat(1.0) - r)));
        step.set_slot(3, r * h);
        step.set_state(0, dq.mul_add(r, step.state(0)));
    }
}

impl RnnCell for GruResetBeforeCell {
    const NAME: &'static str = "GRU";
    const ARCHITECTURE: Architecture = Architecture::layer("gru_reset_before");
    type Slots<R: Tensor> = [R; 4];
    type Dropping<R: Tensor> = [R; 10];
    type States<R: Tensor> = [R; 1];
}
