//! Faults of recurrent layers: of their cells, of the gradient over time, of their dropout, and of the order of the steps.

use super::fault::{Fault, planted};
use crate::common::naive::rnn::{NaiveCell, Tensors};
use baregrad::Architecture;
use baregrad::kernels::Lanes;
use baregrad::kernels::recurrent::{Cell, Step};
use baregrad::layers::rnn::{RnnCell, RnnOptions};
use baregrad::net::Mode;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Range;

/// A cell that has the planted fault, or none.
pub struct PlantedCell<C>(PhantomData<C>);

impl<C: Cell> Cell for PlantedCell<C> {
    const SUMS: usize = C::SUMS;
    const OF_BIAS: &'static [usize] = C::OF_BIAS;
    const OF_STATE: &'static [usize] = C::OF_STATE;
    const RESET: Option<(usize, usize)> = C::RESET;

    fn forward<V: Lanes>(step: &mut Step<'_, V>) {
        if planted() == Fault::GatesSwapped {
            let (first, second) = (step.slot(0), step.slot(1));
            step.set_slot(0, second);
            step.set_slot(1, first);
        }
        C::forward(step);
    }

    fn backward<V: Lanes>(step: &mut Step<'_, V>) {
        let zero = step.state(0).splat(0.0);
        if planted() == Fault::ResetGateIgnored {
            step.set_slot(1, zero.splat(1.0));
        }
        C::backward(step);
        match planted() {
            Fault::StateDetached => step.set_state(0, zero),
            Fault::GatesWithoutGradient => (0..2).for_each(|slot| step.set_slot(slot, zero)),
            _ => {}
        }
    }

    fn reset<V: Lanes>(step: &mut Step<'_, V>) {
        let masks = masks::<C>();
        for mask in masks.clone() {
            let factor = step.slot(mask);
            match planted() {
                Fault::MaskOfEachStep => step.set_slot(mask, factor.splat(draw())),
                Fault::MaskOfFirstGate => step.set_slot(mask, step.slot(masks.start)),
                Fault::MaskNotScaledUp => step.set_slot(mask, factor * factor.splat(0.7)),
                _ => {}
            }
        }
        C::reset(step);
    }

    fn reset_backward<V: Lanes>(step: &mut Step<'_, V>) {
        let (masks, gates, before) = (masks::<C>(), masks::<C>().len(), step.before());
        let factors: Vec<V> = masks.clone().map(|mask| step.slot(mask)).collect();
        if planted() == Fault::MaskForgottenInDh {
            masks.clone().for_each(|mask| step.set_slot(mask, before.splat(1.0)));
        }
        C::reset_backward(step);
        for (mask, factor) in masks.zip(factors) {
            match planted() {
                Fault::MaskForgottenInDh => step.set_slot(mask - gates, before * factor),
                Fault::MaskForgottenInDu => step.set_slot(mask - gates, before),
                _ => {}
            }
        }
    }
}

/// The slots of the masks of a cell with recurrent dropout. Those of the masked states lie before them.
fn masks<C: Cell>() -> Range<usize> {
    let gates = C::OF_STATE.len();
    match C::RESET {
        Some((0, seen)) => seen + gates..seen + 2 * gates,
        _ => 0..0,
    }
}

thread_local! {
    /// The random numbers that wrong masks are drawn from.
    static NUMBERS: RefCell<Option<Sfc32>> = const { RefCell::new(None) };
}

/// Keeps the random numbers of a pass, if it trains.
pub fn keep_numbers(mode: &Mode<'_>) {
    NUMBERS.replace(mode.trains().then(|| mode.rng_before()));
}

/// Takes them.
pub fn numbers() -> Option<Sfc32> {
    NUMBERS.take()
}

/// A factor of a mask of 30 %, drawn from them.
fn draw() -> f32 {
    let drops = NUMBERS.with_borrow_mut(|numbers| numbers.as_mut().map(|numbers| numbers.next_u32() % 10 < 3));
    match drops {
        Some(true) => 0.0,
        Some(false) => 1.0 / 0.7,
        None => 1.0,
    }
}

/// Options whose cell has the planted fault, or none.
pub struct PlantedOptions<O>(PhantomData<O>);

impl<O: RnnOptions> RnnOptions for PlantedOptions<O> {
    type Masked = O::Masked;
    const BACKWARDS: bool = O::BACKWARDS;
    const DROPPED: u32 = O::DROPPED;
    type Drops = O::Drops;
    type Cell<C: RnnCell> = PlantedCell<O::Cell<C>>;
}

/// Reverses the steps of sequences, as many as those of `x` without their padding.
pub fn reverse<X: Tensor, Y: Tensor>(x: &[X], y: &mut [Y]) {
    for (x, y) in x.iter().zip(y) {
        let (inputs, outputs) = (X::LEN / X::SHAPE[0], Y::LEN / X::SHAPE[0]);
        let padding = x.flat().chunks(inputs).rev().take_while(|step| step.iter().all(|x| *x == 0.0)).count();
        let steps = &mut y.flat_mut()[..(X::SHAPE[0] - padding) * outputs];
        let reversed: Vec<f32> = steps.chunks(outputs).rev().flatten().copied().collect();
        steps.copy_from_slice(&reversed);
    }
}

impl<C: RnnCell> RnnCell for PlantedCell<C> {
    const NAME: &'static str = C::NAME;
    const ARCHITECTURE: Architecture = C::ARCHITECTURE;
    const ONES: Option<usize> = C::ONES;
    const UNBOUNDED: bool = C::UNBOUNDED;
    type Slots<R: Tensor> = C::Slots<R>;
    type Dropping<R: Tensor> = C::Dropping<R>;
    type States<R: Tensor> = C::States<R>;
}

impl<C: NaiveCell> NaiveCell for PlantedCell<C> {
    const STATES: usize = C::STATES;
    fn step(tensors: &Tensors<'_>, x: &[f64], states: &[f64]) -> Vec<f64> {
        C::step(tensors, x, states)
    }
}

thread_local! {
    /// The wrong gradient of `u`: the way back makes it, and the gradient of the weights takes it.
    static OF_U: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// The gradient of `u` of samples of a `SimpleRnn` with tanh, `Σ yᵀ · dz`, with the state after each step in the place of the one
/// before.
pub fn keep_gradient_of_u(samples: usize, y: &[f32], dy: &[f32], u: &[f32]) {
    let n = u.len().isqrt();
    let mut du = vec![0.0; n * n];
    for (y, dy) in y.chunks(y.len() / samples).zip(dy.chunks(dy.len() / samples)) {
        let mut dh = vec![0.0; n];
        for (y, dy) in y.chunks(n).zip(dy.chunks(n)).rev() {
            let dz: Vec<f32> = (0..n).map(|o| (dy[o] + dh[o]) * (1.0 - y[o] * y[o])).collect();
            (0..n * n).for_each(|at| du[at] += y[at / n] * dz[at % n]);
            dh = (0..n).map(|i| (0..n).map(|o| dz[o] * u[i * n + o]).sum()).collect();
        }
    }
    OF_U.replace(du);
}

/// Takes it.
pub fn gradient_of_u(gradient: &mut [f32]) {
    gradient.copy_from_slice(&OF_U.take());
}
