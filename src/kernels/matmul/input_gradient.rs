use super::batch::samples;
use super::narrow::{Transposed, single_column, tiny};
use super::tile::{Stream, column};
use super::{BLOCK, Lanes, Plain, is_worth_a_choice, kernel, kernel_for, one_lane, partial_sums};
use crate::kernels::elementwise::{self, Map};
use crate::kernels::lanes::{Narrow, columns};
use crate::kernels::machine::{Build, Machine, dispatch};

/// `dx = dy · wᵀ`: `dy` is `[samples][O]`, `w` `[I][O]`, `dx` `[samples][I]`.
#[inline]
pub fn input_gradient<const I: usize, const O: usize>(dy: &[[f32; O]], w: &[[f32; O]; I], dx: &mut [[f32; I]]) {
    dispatch!(machine if const { is_worth_a_choice(O, I) } => input_gradient_on(machine, dy, w, dx))
}

#[inline(always)]
fn input_gradient_on<M: Machine, const I: usize, const O: usize>(
    machine: M,
    dy: &[[f32; O]],
    w: &[[f32; O]; I],
    dx: &mut [[f32; I]],
) {
    match const { kernel_for::<M>(O, I) } {
        kernel::TINY if const { O == 1 } => {
            for (dy, dx) in dy.as_flattened().iter().zip(dx) {
                elementwise::map_into(&Times(*dy), w.as_flattened(), dx);
            }
        }
        kernel::TINY => tiny(dy, &Transposed(w), &[0.0; I], dx, &Plain),
        kernel::COLUMN => single_column(dy, w.as_flattened(), 0.0, dx.as_flattened_mut(), &Plain),
        kernel::LANES_16 => transposed::<M::V16, 16, I, O>(machine, dy, w, dx),
        kernel::LANES_8 => transposed::<M::V8, 8, I, O>(machine, dy, w, dx),
        kernel::LANES_4 => transposed::<M::V4, 4, I, O>(machine, dy, w, dx),
        _ => {
            for (i, dx) in dx.iter_mut().enumerate() {
                let Some(dy) = dy.get(i) else { break };
                one_lane::input_gradient(dy, w.as_flattened(), dx, const { partial_sums(O, I) });
            }
        }
    }
}

/// A column of weights times a number, rounded like a sum that starts at 0.
struct Times(f32);

impl Map for Times {
    #[inline(always)]
    fn map<V: Lanes>(&self, w: V) -> V {
        w.splat(self.0).mul_add(w, w.splat(0.0))
    }
}

/// Computes the product in blocks of steps whose columns are copied once per batch.
#[inline(always)]
pub(super) fn transposed<V: Lanes, const L: usize, const I: usize, const O: usize>(
    machine: V::Machine,
    dy: &[[f32; O]],
    w: &[[f32; O]; I],
    dx: &mut [[f32; I]],
) {
    if const { O <= BLOCK } {
        vectors::<V, L, O, I, O>(machine, dy, w, dx);
    } else {
        vectors::<V, L, BLOCK, I, O>(machine, dy, w, dx);
    }
}

#[inline(always)]
fn vectors<V: Lanes, const L: usize, const P: usize, const I: usize, const O: usize>(
    machine: V::Machine,
    dy: &[[f32; O]],
    w: &[[f32; O]; I],
    dx: &mut [[f32; I]],
) {
    match const { I.div_ceil(L) } {
        1 => blocks::<V, L, 1, P, I, O>(machine, dy, w, dx),
        3 => blocks::<V, L, 3, P, I, O>(machine, dy, w, dx),
        _ => blocks::<V, L, 2, P, I, O>(machine, dy, w, dx),
    }
}

/// Computes the product in blocks of `P` steps, `NV` vectors of columns at a time.
#[inline(always)]
fn blocks<V: Lanes, const L: usize, const NV: usize, const P: usize, const I: usize, const O: usize>(
    machine: V::Machine,
    dy: &[[f32; O]],
    w: &[[f32; O]; I],
    dx: &mut [[f32; I]],
) {
    let mut panel = Panel::<_, L, NV, P>::new(machine);
    for first in (0..const { I.div_ceil(L) }).step_by(NV) {
        for start in (0..O).step_by(P) {
            panel.fill::<V, I, O>(w, first, start / 4);
            samples(
                machine,
                start..(start + P).min(O),
                dy,
                first,
                [V::broadcast(machine, 0.0); NV],
                &panel,
                dx,
                &Plain,
            );
        }
    }
}

/// Some columns of up to `NV · L` rows of weights, stored as rows: as many as a block has steps.
pub(in crate::kernels) struct Panel<M, const L: usize, const NV: usize, const P: usize> {
    machine: M,
    rows: [[[f32; L]; NV]; P],
}

impl<M: Machine, const L: usize, const NV: usize, const P: usize> Panel<M, L, NV, P> {
    #[inline(always)]
    pub(in crate::kernels) fn new(machine: M) -> Self {
        Panel { machine, rows: [[[0.0; L]; NV]; P] }
    }

    /// Copies the columns from `4 · place` on.
    #[inline(always)]
    pub(in crate::kernels) fn fill<V: Lanes, const I: usize, const O: usize>(
        &mut self,
        w: &[[f32; O]; I],
        first: usize,
        place: usize,
    ) {
        let (rows, rest) = self.rows.as_chunks_mut::<4>();
        for (place, rows) in (place..).zip(rows) {
            squares::<V, L, NV, I, O>(w, first, place, rows);
        }
        squares::<V, L, NV, I, O>(w, first, place + P / 4, rest);
    }
}

/// Transposes four columns of weights, from column `4 · place` on, in squares of four by four. Missing numbers become zeros.
///
/// All squares of these columns come before those of the next columns: a vector that covers four recent stores is loaded
/// only later.
#[inline(always)]
fn squares<V: Lanes, const L: usize, const NV: usize, const I: usize, const O: usize>(
    w: &[[f32; O]; I],
    first: usize,
    place: usize,
    to: &mut [[[f32; L]; NV]],
) {
    for v in 0..NV {
        let w = w.get(column::<V, I>(first + v)..).unwrap_or_default();
        for lane in (0..L).step_by(4) {
            let mut square = [Narrow::broadcast(Build, 0.0); 4];
            for (side, w) in square.iter_mut().zip(w.get(lane..).unwrap_or_default()) {
                let (numbers, tail) = w.as_chunks::<4>();
                *side = if let Some(numbers) = numbers.get(place) {
                    Narrow::load(Build, numbers)
                } else {
                    Narrow::load(Build, tail)
                };
            }
            for (to, side) in to.iter_mut().zip(columns(square)) {
                side.store(to[v].get_mut(lane..).unwrap_or_default());
            }
        }
    }
}

impl<V: Lanes, const L: usize, const NV: usize, const P: usize> Stream<V, NV> for Panel<V::Machine, L, NV, P> {
    #[inline(always)]
    fn row(&self, k: usize) -> [V; NV] {
        let mut vectors = [V::broadcast(self.machine, 0.0); NV];
        // The compiler knows that this row exists.
        for (vector, row) in vectors.iter_mut().zip(&self.rows[k % P]) {
            *vector = V::load(self.machine, row);
        }
        vectors
    }
}
