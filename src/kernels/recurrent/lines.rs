//! One pass over the numbers of a step.

use super::Cell;
use crate::kernels::machine::Build;
use crate::kernels::{Lanes, no_unrolling};

/// Rows at a distance in a slice.
pub struct Lines<'a> {
    pub floats: &'a mut [f32],
    pub distance: usize,
    pub first: usize,
}

impl Lines<'_> {
    #[inline(always)]
    fn load<V: Lanes>(&self, machine: V::Machine, line: usize, at: usize, count: usize) -> V {
        let start = line * self.distance + self.first + at;
        V::load(machine, self.floats.get(start..start + count).unwrap_or_default())
    }

    #[inline(always)]
    fn store<V: Lanes>(&mut self, value: V, line: usize, at: usize, count: usize) {
        let start = line * self.distance + self.first + at;
        value.store(self.floats.get_mut(start..start + count).unwrap_or_default());
    }
}

/// A vector of the numbers of a step, for a [`Cell`].
pub struct Step<'a, V: Lanes> {
    machine: V::Machine,
    slots: Lines<'a>,
    states: Lines<'a>,
    before: &'a [f32],
    at: usize,
    /// Number of lanes in use.
    count: usize,
}

impl<V: Lanes> Step<'_, V> {
    /// Returns the number in a slot.
    #[inline(always)]
    pub fn slot(&self, slot: usize) -> V {
        self.slots.load(self.machine, slot, self.at, self.count)
    }

    /// Sets the number in a slot.
    #[inline(always)]
    pub fn set_slot(&mut self, slot: usize, value: V) {
        self.slots.store(value, slot, self.at, self.count);
    }

    /// Returns a state, or its gradient on the way back.
    #[inline(always)]
    pub fn state(&self, state: usize) -> V {
        self.states.load(self.machine, state, self.at, self.count)
    }

    /// Sets a state, or its gradient on the way back.
    #[inline(always)]
    pub fn set_state(&mut self, state: usize, value: V) {
        self.states.store(value, state, self.at, self.count);
    }

    /// Returns the first state before the step, on the way back.
    #[inline(always)]
    pub fn before(&self) -> V {
        V::load(self.machine, self.before.get(self.at..self.at + self.count).unwrap_or_default())
    }
}

/// What a pass computes: one of the functions of a [`Cell`]. They are numbers: the compiler skips the other arms of a `match` on
/// a constant number.
pub mod phase {
    pub const RESET: usize = 0;
    pub const FORWARD: usize = 1;
    pub const BACKWARD: usize = 2;
    pub const RESET_BACKWARD: usize = 3;
}

/// Computes all vectors of a row of `len` numbers.
#[inline(always)]
pub fn pass<V: Lanes, C: Cell, const PHASE: usize>(
    machine: V::Machine,
    len: usize,
    slots: Lines<'_>,
    states: Lines<'_>,
    before: &[f32],
    sizes: &mut [f32],
) {
    let mut step = Step::<V> { machine, slots, states, before, at: 0, count: 0 };
    while step.at < len {
        step.count = V::LANES.min(len - step.at);
        match PHASE {
            phase::RESET => C::reset(&mut step),
            phase::FORWARD => C::forward(&mut step),
            phase::BACKWARD => C::backward(&mut step),
            _ => C::reset_backward(&mut step),
        }
        if const { PHASE == if C::RESET.is_some() { phase::RESET_BACKWARD } else { phase::BACKWARD } } {
            let sizes = sizes.get_mut(step.at..step.at + step.count).unwrap_or_default();
            let mut size = V::load(machine, sizes);
            for slot in 0..C::SUMS {
                size = size + step.slot(slot).abs();
            }
            size.store(sizes);
        }
        step.at += V::LANES;
        no_unrolling();
    }
}

/// The same on machines without vectors: one copy for all lengths.
#[inline(never)]
pub fn pass_one_lane<C: Cell, const PHASE: usize>(
    len: usize,
    slots: Lines<'_>,
    states: Lines<'_>,
    before: &[f32],
    sizes: &mut [f32],
) {
    pass::<f32, C, PHASE>(Build, len, slots, states, before, sizes);
}
