//! The products of the state with its weights, at one step.
//!
//! If some gates take slots in place of the state ([`Cell::RESET`]), their products wait for the other gates, and on the way back
//! the other gates wait for them.

use super::lines::phase;
use super::product::{Places, add_products, add_products_back};
use super::{Cell, Memory, Order, pass, row_of_output};
use crate::kernels::machine::Machine;
use core::array::from_ref;

/// Where the products go at step `t`.
#[inline(always)]
fn of_state<C: Cell, const G: usize>(slot: usize, t: usize, order: &Order<'_>) -> Places<G> {
    let first = core::array::from_fn(|g| C::OF_STATE.get(g).copied().unwrap_or(g) * slot + t);
    Places { first, distance: order.steps }
}

/// Splits the slots into those of the sums, and those of gates that take no state. The rows of gate `g` at step `t` are returned,
/// too.
#[inline(always)]
fn split<'a, C: Cell, const H: usize>(
    memory: &'a mut Memory<'_, H>,
    g: usize,
    t: usize,
    order: &Order<'_>,
) -> (&'a mut [[f32; H]], (&'a mut [[f32; H]], Places<1>)) {
    let ((first, at), slot) = (C::RESET.unwrap_or_default(), memory.slot(order));
    let (sums, reset) = memory.slots.split_at_mut_checked(at * slot).unwrap_or_default();
    (sums, (reset, Places { first: [g.saturating_sub(first) * slot + t], distance: order.steps }))
}

/// Adds the products to the sums.
#[inline(always)]
pub fn forward<M: Machine, C: Cell, const G: usize, const H: usize>(
    machine: M,
    count: usize,
    u: &[[[f32; H]; H]; G],
    memory: &mut Memory<'_, H>,
    t: usize,
    order: &Order<'_>,
) {
    let at = of_state::<C, G>(memory.slot(order), t, order);
    if const { C::RESET.is_none() } {
        return add_products(machine, count, (memory.states, Places::FRONT), u, (memory.slots, at));
    }
    let first = C::RESET.map_or(G, |(first, _)| first);
    for (g, u) in u.iter().enumerate().take(first) {
        add_products(machine, count, (memory.states, Places::FRONT), from_ref(u), (memory.slots, at.only(g)));
    }
    for b in 0..count {
        let (slots, states, before) = memory.lines(order, b, t);
        pass::<M, C, H, { phase::RESET }>(machine, slots, states, before, &mut []);
    }
    for (g, u) in u.iter().enumerate().skip(first) {
        let (sums, (reset, of_reset)) = split::<C, H>(memory, g, t, order);
        add_products(machine, count, (reset, of_reset), from_ref(u), (sums, at.only(g)));
    }
}

/// Adds the products with the gradients of the sums to the gradient of the state before the step.
#[inline(always)]
pub fn backward<M: Machine, C: Cell, const G: usize, const H: usize>(
    machine: M,
    count: usize,
    (u, turned): (&[[[f32; H]; H]; G], Option<&[[[f32; H]; H]; G]>),
    (dy, all): (&mut [[f32; H]], bool),
    memory: &mut Memory<'_, H>,
    t: usize,
    order: &Order<'_>,
) {
    let at = of_state::<C, G>(memory.slot(order), t, order);
    if const { C::RESET.is_none() } {
        let states = (&mut *memory.states, Places::FRONT);
        return add_products_back(machine, count, (memory.slots, at), u, turned, states);
    }
    let turned = |g: usize| turned.and_then(|turned| turned.get(g)).map(from_ref);
    let first = C::RESET.map_or(G, |(first, _)| first);
    for (g, u) in u.iter().enumerate().skip(first) {
        let (sums, reset) = split::<C, H>(memory, g, t, order);
        add_products_back(machine, count, (sums, at.only(g)), from_ref(u), turned(g), reset);
    }
    for b in 0..count {
        if let (true, Some(dy)) = (order.has(b, t), dy.get_mut(row_of_output(all, b, t, order))) {
            let (slots, states, before) = memory.lines(order, b, t);
            pass::<M, C, H, { phase::RESET_BACKWARD }>(machine, slots, states, before, dy);
        }
    }
    for (g, u) in u.iter().enumerate().take(first) {
        let states = (&mut *memory.states, Places::FRONT);
        add_products_back(machine, count, (memory.slots, at.only(g)), from_ref(u), turned(g), states);
    }
}
