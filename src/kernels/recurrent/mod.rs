//! The loops over time of recurrent layers. The mathematics of one step is a [`Cell`].
//!
//! The products of the inputs come first, for all steps at once. Then each step adds the products of the state to the sums of
//! all gates, and one pass over vectors computes all activations and the next state. On the way back, one pass computes the
//! gradients of all gates of a step, and products hand them on to the step before. The gradients of the weights are products
//! over all steps, after this loop.
//!
//! A gate's sum starts at its bias. The product of the input is added, and then the product of the state.

use super::machine::{Machine, dispatch};
use super::matmul::{kernel, lanes_for};
use super::{Lanes, opaque};

mod begin;
mod lines;
mod product;
mod state;

use begin::begin;
use core::array::from_ref;
use lines::phase;
pub use lines::{Lines, Step};
use product::{Places, add_products, turn};

/// The mathematics of one step, number by number.
///
/// A step has some slots, each for one number. At first, slots hold the sums of the gates. [`Cell::forward`] leaves in the slots
/// what the way back needs, and [`Cell::backward`] leaves the gradients of the sums.
pub trait Cell: 'static {
    /// Number of slots that hold sums, and then their gradients: the first ones.
    const SUMS: usize;
    /// The slot to which each row of biases is added.
    const OF_BIAS: &'static [usize];
    /// The slot to which the product of the state is added, for each gate. The product of the input is added to slot `g`.
    const OF_STATE: &'static [usize];
    /// The first gate that takes a slot in place of the state, and its slot, if there is such a gate. The gates after it take the
    /// slots after it. All of them come after those of the sums.
    const RESET: Option<(usize, usize)> = None;

    /// Computes the states after the step from the sums and the states before it.
    fn forward<V: Lanes>(step: &mut Step<'_, V>);

    /// Computes the gradients of the sums. The states of `step` are the gradients of the states after it. They become the
    /// gradients of the states before it, as far as these do not go through the sums.
    fn backward<V: Lanes>(step: &mut Step<'_, V>);

    /// Computes the slots [`Cell::RESET`] from the state and the sums of the gates that take the state. It comes before
    /// [`Cell::forward`].
    #[inline(always)]
    fn reset<V: Lanes>(step: &mut Step<'_, V>) {
        let _ = step;
    }

    /// Computes the gradients that go through the slots [`Cell::RESET`], which hold their own gradients, and then their values
    /// again. It comes after [`Cell::backward`], which sets the slots to 0, and the products of their gates, which are added.
    #[inline(always)]
    fn reset_backward<V: Lanes>(step: &mut Step<'_, V>) {
        let _ = step;
    }
}

/// The weights of a recurrent layer: of its inputs, of its state, and biases.
#[derive(Clone, Copy)]
pub struct Weights<'a, const G: usize, const NB: usize, const I: usize, const H: usize> {
    pub w: &'a [[[f32; H]; I]; G],
    pub u: &'a [[[f32; H]; H]; G],
    pub b: &'a [[f32; H]; NB],
}

/// The order of the steps.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// Number of steps.
    pub steps: usize,
    /// Whether the last step comes first.
    pub backwards: bool,
    /// Number of steps of each sample, if there are samples with fewer. Later steps do not change the state.
    pub lengths: Option<&'a [f32]>,
}

impl Order<'_> {
    /// A single step.
    pub const ONE: Self = Order { steps: 1, backwards: false, lengths: None };

    /// Returns the step that comes at turn `i`.
    #[inline(always)]
    fn step(&self, i: usize) -> usize {
        if self.backwards { self.steps - 1 - i } else { i }
    }

    /// Whether sample `b` has step `t`.
    #[inline(always)]
    fn has(&self, b: usize, t: usize) -> bool {
        self.lengths.is_none_or(|lengths| lengths.get(b).is_some_and(|length| (t as f32) < *length))
    }
}

/// The memory of the loops over time, for several samples.
pub struct Memory<'a, const H: usize> {
    /// The slots of each step, `[slot][sample][step]`.
    pub slots: &'a mut [[f32; H]],
    /// The state before each step, `[sample][step]`, for the way back; it may be empty.
    pub before: &'a mut [[f32; H]],
    /// The states, or their gradients on the way back: `[state][sample]`.
    pub states: &'a mut [[f32; H]],
    /// The number of samples that there is room for.
    pub capacity: usize,
}

impl<const H: usize> Memory<'_, H> {
    /// Number of rows of a slot.
    #[inline(always)]
    fn slot(&self, order: &Order<'_>) -> usize {
        self.capacity * order.steps
    }

    /// The slots and states of one row, and the state before it.
    #[inline(always)]
    fn lines(&mut self, order: &Order<'_>, b: usize, t: usize) -> (Lines<'_>, Lines<'_>, &[f32]) {
        let (distance, row) = (self.slot(order) * H, b * order.steps + t);
        let slots = Lines { floats: self.slots.as_flattened_mut(), distance, first: row * H };
        let states = Lines { floats: self.states.as_flattened_mut(), distance: self.capacity * H, first: b * H };
        (slots, states, if let Some(before) = self.before.get(row) { before } else { &[] })
    }
}

/// Runs through all steps of all samples. `memory.states` has the states before the first step, and then the states after the
/// last. `y` takes the state after each step, `[sample][step]`, unless it is empty.
#[inline]
pub fn forward<C: Cell, const G: usize, const NB: usize, const I: usize, const H: usize>(
    weights: Weights<'_, G, NB, I, H>,
    x: &[[f32; I]],
    y: &mut [[f32; H]],
    memory: &mut Memory<'_, H>,
    order: &Order<'_>,
) {
    dispatch!(machine if const { H > 4 } => forward_on::<_, C, G, NB, I, H>(machine, weights, x, y, memory, order))
}

#[inline(always)]
fn forward_on<M: Machine, C: Cell, const G: usize, const NB: usize, const I: usize, const H: usize>(
    machine: M,
    Weights { w, u, b }: Weights<'_, G, NB, I, H>,
    x: &[[f32; I]],
    y: &mut [[f32; H]],
    memory: &mut Memory<'_, H>,
    order: &Order<'_>,
) {
    let slot = memory.slot(order);
    for s in 0..C::SUMS {
        let mut sum = [0.0; H];
        for (b, of) in b.iter().zip(C::OF_BIAS) {
            if *of == s {
                sum.iter_mut().zip(b).for_each(|(sum, b)| *sum += *b);
            }
        }
        memory.slots.iter_mut().skip(s * slot).take(x.len()).for_each(|row| *row = sum);
    }
    let of_input = Places { first: core::array::from_fn(|g| g * slot), distance: 1 };
    add_products(machine, x.len(), (x, Places::FRONT), w, (memory.slots, of_input));
    let count = x.len().checked_div(order.steps).unwrap_or(0);
    for i in 0..order.steps {
        let t = order.step(i);
        state::forward::<M, C, G, H>(machine, count, u, memory, t, order);
        for b in 0..count {
            let row = b * order.steps + t;
            if let (Some(before), Some(state)) = (memory.before.get_mut(row), memory.states.get(b)) {
                *before = *state;
            }
            if !order.has(b, t) {
                continue;
            }
            let (slots, states, before) = memory.lines(order, b, t);
            pass::<M, C, H, { phase::FORWARD }>(machine, slots, states, before, &mut []);
            if let (Some(y), Some(state)) = (y.get_mut(row), memory.states.get(b)) {
                *y = *state;
            }
        }
    }
}

/// Takes one step of one sample. `memory.states` has the states before it, and then those after it.
#[inline(always)]
pub fn single<C: Cell, const G: usize, const NB: usize, const I: usize, const H: usize>(
    weights: Weights<'_, G, NB, I, H>,
    x: &[f32; I],
    memory: &mut Memory<'_, H>,
) {
    dispatch!(machine if const { H > 4 } => single_on::<_, C, G, NB, I, H>(machine, weights, x, memory))
}

#[inline(always)]
fn single_on<M: Machine, C: Cell, const G: usize, const NB: usize, const I: usize, const H: usize>(
    machine: M,
    weights: Weights<'_, G, NB, I, H>,
    x: &[f32; I],
    memory: &mut Memory<'_, H>,
) {
    match const { lanes_for::<M>(H) } {
        kernel::LANES_16 => begin::<M::V16, C, G, NB, I, H>(machine, &weights, x, memory.slots),
        kernel::LANES_8 => begin::<M::V8, C, G, NB, I, H>(machine, &weights, x, memory.slots),
        kernel::LANES_4 => begin::<M::V4, C, G, NB, I, H>(machine, &weights, x, memory.slots),
        _ => return forward::<C, G, NB, I, H>(weights, from_ref(x), &mut [], memory, &Order::ONE),
    }
    state::forward::<M, C, G, H>(machine, 1, weights.u, memory, 0, &Order::ONE);
    let (slots, states, before) = memory.lines(&Order::ONE, 0, 0);
    pass::<M, C, H, { phase::FORWARD }>(machine, slots, states, before, &mut []);
}

/// Runs back through all steps. `dy` has the gradients of the outputs. It then has the sum of the absolute values of the
/// gradients of the gates. The slots then have these gradients, and `memory.states` the gradients of the first states.
#[inline]
pub fn backward<C: Cell, const G: usize, const H: usize>(
    u: &[[[f32; H]; H]; G],
    turned: Option<&mut [[[f32; H]; H]; G]>,
    dy: &mut [[f32; H]],
    samples: usize,
    memory: &mut Memory<'_, H>,
    order: &Order<'_>,
) {
    let turned = turned.map(|turned| {
        turn(u, turned);
        &*turned
    });
    dispatch!(machine if const { H > 4 } => backward_on::<_, C, G, H>(machine, u, turned, dy, samples, memory, order))
}

#[inline(always)]
fn backward_on<M: Machine, C: Cell, const G: usize, const H: usize>(
    machine: M,
    u: &[[[f32; H]; H]; G],
    turned: Option<&[[[f32; H]; H]; G]>,
    dy: &mut [[f32; H]],
    samples: usize,
    memory: &mut Memory<'_, H>,
    order: &Order<'_>,
) {
    let (slot, all) = (memory.slot(order), dy.len() > samples || order.steps == 1);
    memory.states.fill([0.0; H]);
    if !all {
        for (state, dy) in memory.states.iter_mut().zip(&mut *dy) {
            (*state, *dy) = (*dy, [0.0; H]);
        }
    }
    for i in (0..order.steps).rev() {
        let t = order.step(i);
        for b in 0..samples {
            let Some(dy) = dy.get_mut(row_of_output(all, b, t, order)) else { break };
            if !order.has(b, t) {
                for s in 0..C::SUMS {
                    if let Some(row) = memory.slots.get_mut(s * slot + b * order.steps + t) {
                        *row = [0.0; H];
                    }
                }
                continue;
            }
            if let (true, Some(state)) = (all, memory.states.get_mut(b)) {
                super::elementwise::add(dy, state);
                *dy = [0.0; H];
            }
            let (slots, states, before) = memory.lines(order, b, t);
            pass::<M, C, H, { phase::BACKWARD }>(machine, slots, states, before, dy);
        }
        state::backward::<M, C, G, H>(machine, samples, (u, turned), (dy, all), memory, t, order);
    }
}

/// The row of the outputs at step `t` of sample `b`. There is one for each step, or one for each sample.
#[inline(always)]
fn row_of_output(all: bool, b: usize, t: usize, order: &Order<'_>) -> usize {
    if all { b * order.steps + t } else { b }
}

/// Computes all numbers of a row, in one of the [phases](phase) of a step. The last one of the way back adds the absolute values
/// of all gradients to `sizes`.
#[inline(always)]
fn pass<M: Machine, C: Cell, const H: usize, const PHASE: usize>(
    machine: M,
    slots: Lines<'_>,
    states: Lines<'_>,
    before: &[f32],
    sizes: &mut [f32],
) {
    match const { lanes_for::<M>(H) } {
        kernel::LANES_16 => lines::pass::<M::V16, C, PHASE>(machine, H, slots, states, before, sizes),
        kernel::LANES_8 => lines::pass::<M::V8, C, PHASE>(machine, H, slots, states, before, sizes),
        kernel::LANES_4 => lines::pass::<M::V4, C, PHASE>(machine, H, slots, states, before, sizes),
        _ => lines::pass_one_lane::<C, PHASE>(opaque(H), slots, states, before, sizes),
    }
}
