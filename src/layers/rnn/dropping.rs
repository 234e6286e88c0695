use super::trace::rows_mut;
use super::{RnnCell, RnnOptions, RnnTrace};
use crate::kernels::Lanes;
use crate::kernels::recurrent::{Cell, Step};
use crate::net::Mode;
use crate::tensor::rng::uniform;
use crate::tensor::{Architecture, Tensor};
use core::marker::PhantomData;

/// The cell `C` whose gates see a part of the state, with a [`RecurrentDropout`](super::RecurrentDropout). It has two more slots
/// per gate: the state that the gate sees, and the factors of this state.
pub struct Dropping<C>(PhantomData<C>);

impl<C: RnnCell> Dropping<C> {
    const SLOTS: usize = <C::Slots<f32>>::LEN;
    const GATES: usize = C::OF_STATE.len();
    const FACTORS: usize = Self::SLOTS + Self::GATES;
}

impl<C: RnnCell> Cell for Dropping<C> {
    const SUMS: usize = C::SUMS;
    const OF_BIAS: &'static [usize] = C::OF_BIAS;
    const OF_STATE: &'static [usize] = C::OF_STATE;
    const RESET: Option<(usize, usize)> = {
        assert!(C::RESET.is_none(), "a `GruResetBefore` has no recurrent dropout, nor has a layer two of them");
        Some((0, Self::SLOTS))
    };

    #[inline(always)]
    fn reset<V: Lanes>(step: &mut Step<'_, V>) {
        for g in 0..Self::GATES {
            step.set_slot(Self::SLOTS + g, step.state(0) * step.slot(Self::FACTORS + g));
        }
    }

    #[inline(always)]
    fn forward<V: Lanes>(step: &mut Step<'_, V>) {
        C::forward(step);
    }

    #[inline(always)]
    fn backward<V: Lanes>(step: &mut Step<'_, V>) {
        C::backward(step);
        for g in 0..Self::GATES {
            step.set_slot(Self::SLOTS + g, step.state(0).splat(0.0));
        }
    }

    #[inline(always)]
    fn reset_backward<V: Lanes>(step: &mut Step<'_, V>) {
        for g in 0..Self::GATES {
            let (factor, seen) = (step.slot(Self::FACTORS + g), Self::SLOTS + g);
            step.set_state(0, step.slot(seen).mul_add(factor, step.state(0)));
            step.set_slot(seen, step.before() * factor);
        }
    }
}

impl<C: RnnCell> RnnCell for Dropping<C> {
    const NAME: &'static str = C::NAME;
    const ARCHITECTURE: Architecture = C::ARCHITECTURE;
    const UNBOUNDED: bool = C::UNBOUNDED;
    type Slots<R: Tensor> = C::Dropping<R>;
    type Dropping<R: Tensor> = C::Dropping<R>;
    type States<R: Tensor> = C::States<R>;
}

impl<C: RnnCell, O: RnnOptions, const T: usize, const H: usize, const G: usize, const N: usize, const B: usize>
    RnnTrace<C, O, T, H, G, N, B>
{
    /// Draws the factors of `count` samples: 0 or 1 / (1 − rate) in training, otherwise 1.
    #[inline(always)]
    pub(super) fn draw(&mut self, count: usize, mode: Mode<'_>) {
        let rate = O::DROPPED as f32 / 100.0;
        let factors = C::RESET.map_or(0, |(_, seen)| seen + G);
        let (mut rng, slots) = (mode.rng(), rows_mut(&mut self.slots));
        for b in 0..count {
            for g in 0..G {
                let mut row = [1.0; H];
                if let Some(rng) = &mut rng {
                    row = row.map(|_| if uniform(*rng) < rate { 0.0 } else { 1.0 / (1.0 - rate) });
                }
                slots.iter_mut().skip(((factors + g) * B + b) * T).take(T).for_each(|factors| *factors = row);
            }
        }
    }
}
