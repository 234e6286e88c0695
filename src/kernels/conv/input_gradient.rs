//! `dx[input of the tap] += dz · w[tap]ᵀ`, tap after tap. Each place begins at the same numbers: 0, or the biases of a transposed
//! convolution.

use super::{Place, Windows, split, split_mut};
use crate::kernels::Lanes;
use crate::kernels::machine::Machine;
use crate::kernels::matmul::input_gradient::Panel;
use crate::kernels::matmul::tile::{Broadcast, load, store, tile};
use crate::kernels::matmul::{BLOCK, Plain, tile_rows};

/// Computes two vectors of input channels at a time, whose part of `w[tap]ᵀ` is copied once per batch.
#[inline(always)]
pub(super) fn input_gradient<V: Lanes, const L: usize, const C: usize, const O: usize>(
    machine: V::Machine,
    windows: Windows,
    begin: &[f32; C],
    dz: &[[f32; O]],
    w: &[[f32; O]],
    dx: &mut [[f32; C]],
) {
    if const { O <= BLOCK } {
        vectors::<V, L, O, C, O>(machine, windows, begin, dz, w, dx);
    } else {
        vectors::<V, L, BLOCK, C, O>(machine, windows, begin, dz, w, dx);
    }
}

#[inline(always)]
fn vectors<V: Lanes, const L: usize, const P: usize, const C: usize, const O: usize>(
    machine: V::Machine,
    windows: Windows,
    begin: &[f32; C],
    dz: &[[f32; O]],
    w: &[[f32; O]],
    dx: &mut [[f32; C]],
) {
    match const { C.div_ceil(L) } {
        1 => taps::<V, L, 1, P, C, O>(machine, windows, begin, dz, w, dx),
        3 => taps::<V, L, 3, P, C, O>(machine, windows, begin, dz, w, dx),
        _ => taps::<V, L, 2, P, C, O>(machine, windows, begin, dz, w, dx),
    }
}

/// Computes `NV` vectors of input channels at a time, in blocks of `P` output channels.
#[inline(always)]
fn taps<V: Lanes, const L: usize, const NV: usize, const P: usize, const C: usize, const O: usize>(
    machine: V::Machine,
    windows: Windows,
    begin: &[f32; C],
    dz: &[[f32; O]],
    w: &[[f32; O]],
    dx: &mut [[f32; C]],
) {
    let mut panel = Panel::<V::Machine, L, NV, P>::new(machine);
    for first in (0..const { C.div_ceil(L) }).step_by(NV) {
        // The last vectors may cover channels of those before them, which are then computed anew.
        for dx in &mut *dx {
            store(load::<V, NV, C>(machine, begin, first), dx, first, &Plain);
        }
        for row_tap in 0..windows.rows.taps {
            for column_tap in 0..windows.columns.taps {
                let tap = [row_tap, column_tap];
                let Some(w) = w.get(windows.weights(tap)..).and_then(|w| w.first_chunk()) else { break };
                for start in (0..O).step_by(P) {
                    panel.fill::<V, C, O>(w, first, start / 4);
                    let steps = Steps { windows, tap, first, steps: (start, 1, (start + P).min(O)), panel: &panel };
                    match const { tile_rows::<V::Machine>(NV) } {
                        8 | 16 => steps.samples::<V, 8, C, O>(machine, dz, dx),
                        6 => steps.samples::<V, 6, C, O>(machine, dz, dx),
                        _ => steps.samples::<V, 4, C, O>(machine, dz, dx),
                    }
                }
            }
        }
    }
}

/// The steps of one tap.
struct Steps<'a, M, const L: usize, const NV: usize, const P: usize> {
    windows: Windows,
    tap: [usize; 2],
    /// The first vector of input channels.
    first: usize,
    steps: (usize, usize, usize),
    panel: &'a Panel<M, L, NV, P>,
}

impl<M: Machine, const L: usize, const NV: usize, const P: usize> Steps<'_, M, L, NV, P> {
    /// Adds the products of all places, in tiles of `MR` places and lower ones.
    #[inline(always)]
    fn samples<V: Lanes<Machine = M>, const MR: usize, const C: usize, const O: usize>(
        &self,
        machine: M,
        dz: &[[f32; O]],
        dx: &mut [[f32; C]],
    ) {
        let Steps { windows, tap: [row_tap, column_tap], .. } = *self;
        let (rows, columns) = (windows.rows.outputs_of(row_tap), windows.columns.outputs_of(column_tap));
        let (across, along) = if windows.along_columns { (rows, columns) } else { (columns, rows) };
        let (mut dz, mut dx) = (dz, dx);
        while let (Some(dz), Some(dx)) = (split(&mut dz, windows.outputs()), split_mut(&mut dx, windows.inputs())) {
            for o in across.clone() {
                let mut at = along.start;
                while at + MR <= along.end {
                    self.tile::<V, MR, C, O>(machine, windows.by_row(o, at), dz, dx);
                    at += MR;
                }
                while const { MR > 4 } && at + 4 <= along.end {
                    self.tile::<V, 4, C, O>(machine, windows.by_row(o, at), dz, dx);
                    at += 4;
                }
                while at + 2 <= along.end {
                    self.tile::<V, 2, C, O>(machine, windows.by_row(o, at), dz, dx);
                    at += 2;
                }
                if at < along.end {
                    self.tile::<V, 1, C, O>(machine, windows.by_row(o, at), dz, dx);
                }
            }
        }
    }

    /// Adds the products of `MR` places.
    #[inline(always)]
    fn tile<V: Lanes<Machine = M>, const MR: usize, const C: usize, const O: usize>(
        &self,
        machine: M,
        at: Place,
        dz: &[[f32; O]],
        dx: &mut [[f32; C]],
    ) {
        let Steps { windows, tap, first, steps, panel } = *self;
        let mut places = Places([const { &[0.0; O] }; MR]);
        for (r, place) in places.0.iter_mut().enumerate() {
            let Some(dz) = dz.get(windows.output(at) + r * windows.pitch()) else { return };
            *place = dz;
        }
        let to = |r| windows.input(at, tap) + r * windows.distance();
        let mut sums = [[V::broadcast(machine, 0.0); NV]; MR];
        for (r, sums) in sums.iter_mut().enumerate() {
            let Some(dx) = dx.get(to(r)) else { return };
            *sums = load(machine, dx, first);
        }
        let sums = tile(machine, steps, sums, &places, panel);
        for (r, sums) in sums.iter().enumerate() {
            if let Some(dx) = dx.get_mut(to(r)) {
                store(*sums, dx, first, &Plain);
            }
        }
    }
}

/// Output places; each is a row of the tile.
struct Places<'a, const MR: usize, const O: usize>([&'a [f32; O]; MR]);

impl<const MR: usize, const O: usize> Broadcast for Places<'_, MR, O> {
    #[inline(always)]
    fn number(&self, r: usize, k: usize) -> f32 {
        let place = if let Some(place) = self.0.get(r) { &place[..] } else { &[] };
        if let Some(number) = place.get(k) { *number } else { 0.0 }
    }
}
