use super::batch::{sixes, tile_rows};
use super::tile::{Broadcast, Rows, store, tile};
use super::{Lanes, Plain, is_worth_a_choice, kernel, lanes_for, no_unrolling, odd_vectors, one_lane};
use crate::kernels::machine::{Build, Machine, dispatch};

/// Computes `dw = xᵀ · dy` a few rows at a time: calls `take(first, rows)` with the rows from input `first` on.
///
/// The gradient goes from registers through a small buffer to its consumer, an optimiser or a sum; it is never stored as a
/// whole.
#[inline]
pub fn weight_gradient<const I: usize, const O: usize>(
    x: &[[f32; I]],
    dy: &[[f32; O]],
    take: impl FnMut(usize, &[[f32; O]]),
) {
    dispatch!(machine if const { is_worth_a_choice(I, O) } => weight_gradient_on(machine, x, dy, take))
}

#[inline(always)]
fn weight_gradient_on<M: Machine, const I: usize, const O: usize>(
    machine: M,
    x: &[[f32; I]],
    dy: &[[f32; O]],
    mut take: impl FnMut(usize, &[[f32; O]]),
) {
    match const { lanes_for::<M>(O) } {
        kernel::LANES_16 => weight_gradient_lanes::<M::V16, I, O>(machine, x, dy, take),
        kernel::LANES_8 => weight_gradient_lanes::<M::V8, I, O>(machine, x, dy, take),
        kernel::LANES_4 => weight_gradient_lanes::<M::V4, I, O>(machine, x, dy, take),
        kernel::ONE_LANE => {
            let mut row = [[0.0; O]];
            for i in 0..I {
                no_unrolling();
                one_lane::weight_gradient_row(i, I, x.as_flattened(), dy.as_flattened(), row.as_flattened_mut());
                take(i, &row);
            }
        }
        // One column of the gradient, one number at a time.
        _ => weight_gradient_lanes::<f32, I, O>(Build, x, dy, take),
    }
}

/// Uses the highest blocks of rows that fit the registers, then lower ones for the remaining rows.
#[inline(always)]
pub(super) fn weight_gradient_lanes<V: Lanes, const I: usize, const O: usize>(
    machine: V::Machine,
    x: &[[f32; I]],
    dy: &[[f32; O]],
    mut take: impl FnMut(usize, &[[f32; O]]),
) {
    let mut first = 0;
    if const { rows_at_a_time::<V, O>() >= 8 } {
        first = blocks::<V, 8, I, O>(machine, first, I, x, dy, &mut take);
    } else if const { rows_at_a_time::<V, O>() == 6 } {
        first = blocks::<V, 6, I, O>(machine, first, const { sixes(I) }, x, dy, &mut take);
    }
    first = blocks::<V, 4, I, O>(machine, first, I, x, dy, &mut take);
    first = blocks::<V, 2, I, O>(machine, first, I, x, dy, &mut take);
    blocks::<V, 1, I, O>(machine, first, I, x, dy, &mut take);
}

/// Number of rows per block.
pub(in crate::kernels) const fn rows_at_a_time<V: Lanes, const O: usize>() -> usize {
    let odd = odd_vectors(O.div_ceil(V::LANES));
    tile_rows::<V::Machine>(if odd == 0 { 2 } else { odd })
}

/// Computes as many blocks of `MR` rows as there are from input `first` to `end`, and returns the input after them.
#[inline(always)]
fn blocks<V: Lanes, const MR: usize, const I: usize, const O: usize>(
    machine: V::Machine,
    mut first: usize,
    end: usize,
    x: &[[f32; I]],
    dy: &[[f32; O]],
    take: &mut impl FnMut(usize, &[[f32; O]]),
) -> usize {
    let mut rows = [[0.0; O]; MR];
    while first + MR <= end {
        match const { odd_vectors(O.div_ceil(V::LANES)) } {
            1 => block::<V, MR, 1, I, O>(machine, first, x, dy, 0, &mut rows),
            3 => block::<V, MR, 3, I, O>(machine, first, x, dy, 0, &mut rows),
            _ => {}
        }
        if const { O.div_ceil(V::LANES) > odd_vectors(O.div_ceil(V::LANES)) } {
            for v in (odd_vectors(O.div_ceil(V::LANES))..O.div_ceil(V::LANES)).step_by(2) {
                block::<V, MR, 2, I, O>(machine, first, x, dy, v, &mut rows);
            }
        }
        take(first, &rows);
        first += MR;
    }
    first
}

/// Computes `NV` vectors of columns of one block, from vector `v` on.
#[inline(always)]
fn block<V: Lanes, const MR: usize, const NV: usize, const I: usize, const O: usize>(
    machine: V::Machine,
    first: usize,
    x: &[[f32; I]],
    dy: &[[f32; O]],
    v: usize,
    out: &mut [[f32; O]; MR],
) {
    let (inputs, rows) = (&Inputs { x, first }, &Rows::<V, O>::new(machine, dy, v));
    let sums = tile(machine, (0, 1, x.len().min(dy.len())), [[V::broadcast(machine, 0.0); NV]; MR], inputs, rows);
    for (sums, out) in sums.iter().zip(out) {
        store(*sums, out, v, &Plain);
    }
}

/// Some inputs of each sample, from input `first` on.
struct Inputs<'a, const I: usize> {
    x: &'a [[f32; I]],
    first: usize,
}

impl<const I: usize> Broadcast for Inputs<'_, I> {
    #[inline(always)]
    fn number(&self, r: usize, k: usize) -> f32 {
        let sample = if let Some(sample) = self.x.get(k) { &sample[..] } else { &[] };
        if let Some(number) = sample.get(self.first + r) { *number } else { 0.0 }
    }
}

/// The sum of `dy` over the samples: the gradient of the biases. Not inlined, because it runs only once per batch.
#[inline(never)]
pub fn column_sums<const O: usize>(dy: &[[f32; O]]) -> [f32; O] {
    let mut sums = [0.0; O];
    for dy in dy {
        crate::kernels::elementwise::add(dy, &mut sums);
    }
    sums
}
