//! Faults of recurrent layers: of their cells, and of the gradient over time.

use super::fault::{Fault, planted};
use crate::common::naive::rnn::{NaiveCell, Tensors};
use baregrad::Architecture;
use baregrad::kernels::Lanes;
use baregrad::kernels::recurrent::{Cell, Step};
use baregrad::layers::rnn::RnnCell;
use baregrad::tensor::Tensor;
use std::cell::RefCell;
use std::marker::PhantomData;

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
        C::reset(step);
    }

    fn reset_backward<V: Lanes>(step: &mut Step<'_, V>) {
        C::reset_backward(step);
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
