//! The sums of the gates of one step of one sample, before the product of the state: on machines with vectors they are in registers,
//! and then go to the slots once.

use super::product::sums;
use super::{Cell, Weights};
use crate::kernels::Lanes;
use crate::kernels::matmul::tile::{load, store};
use crate::kernels::matmul::{Plain, odd_vectors};

/// Sets all slots of sums to their biases and the products of the input.
#[inline(always)]
pub fn begin<V: Lanes, C: Cell, const G: usize, const NB: usize, const I: usize, const H: usize>(
    machine: V::Machine,
    weights: &Weights<'_, G, NB, I, H>,
    x: &[f32; I],
    slots: &mut [[f32; H]],
) {
    let vectors = const { H.div_ceil(V::LANES) };
    match const { odd_vectors(H.div_ceil(V::LANES)) } {
        1 => columns::<V, C, 1, G, NB, I, H>(machine, weights, x, slots, 0),
        3 => columns::<V, C, 3, G, NB, I, H>(machine, weights, x, slots, 0),
        _ => {}
    }
    for first in (odd_vectors(vectors)..vectors).step_by(2) {
        columns::<V, C, 2, G, NB, I, H>(machine, weights, x, slots, first);
    }
}

/// `NV` vectors, from vector `first` on.
#[inline(always)]
fn columns<V: Lanes, C: Cell, const NV: usize, const G: usize, const NB: usize, const I: usize, const H: usize>(
    machine: V::Machine,
    weights: &Weights<'_, G, NB, I, H>,
    x: &[f32; I],
    slots: &mut [[f32; H]],
    first: usize,
) {
    let products: [[V; NV]; G] = sums(machine, [x; G], weights.w, first);
    for (s, slot) in slots.iter_mut().enumerate().take(C::SUMS) {
        let mut sum = [V::broadcast(machine, 0.0); NV];
        for (b, of) in weights.b.iter().zip(C::OF_BIAS) {
            if *of == s {
                add(&mut sum, &load(machine, b, first));
            }
        }
        if let Some(product) = products.get(s) {
            add(&mut sum, product);
        }
        store(sum, slot, first, &Plain);
    }
}

#[inline(always)]
fn add<V: Lanes, const NV: usize>(sum: &mut [V; NV], more: &[V; NV]) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum = *sum + *more;
    }
}
