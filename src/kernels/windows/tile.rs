//! A tile computes `P` outputs of a row, for `N` vectors of channels. Its `P · N` sums stay in registers until all taps are
//! done, and the weights of a tap are loaded once for `P` outputs. An index below 0 wraps around to a huge one. So one
//! comparison tells whether a place exists in a row and keeps the load within the slice.

use super::Fold;
use super::pass::Pass;
use crate::kernels::{Lanes, no_unrolling, written_out};

/// Where a tile begins: the row of `x` and the number in a row where the first window does, the first channel, and the number in
/// a row of `y` where the first output is. Outputs beyond the row are not stored.
#[derive(Clone, Copy)]
pub struct Start {
    pub top: usize,
    pub left: usize,
    pub at: usize,
    pub to: usize,
}

/// Computes `P` outputs.
#[inline(always)]
pub fn tile<V: Lanes, const N: usize, const P: usize, F: Fold>(
    machine: V::Machine,
    f: &F,
    pass: &Pass,
    x: &[f32],
    start: Start,
    y: &mut [f32],
) {
    let Pass { rows, columns, right, distance, width, down, weights_right, weights_down, .. } = *pass;
    let mut sums = [f.start::<V, N>(machine, start.at); P];
    let (mut row, mut weights) = (start.top.wrapping_mul(width), pass.weights + start.at);
    for _ in 0..rows.taps {
        if let Some(places) = Row::new::<V, N>(x, row, width) {
            let (mut from, mut weight) = (start.left, weights);
            for _ in 0..columns.taps {
                let mut w = zeros::<V, N>(machine);
                if F::WEIGHTED {
                    let Some(weights) = full(machine, f.weights(), weight) else { break };
                    w = weights;
                }
                let mut place = from;
                written_out!(p in P {
                    if let Some(x) = places.get::<V, N>(machine, place) {
                        step(f, &mut sums[p], &x, &w);
                    }
                    place = place.wrapping_add(distance);
                });
                from = from.wrapping_add(right);
                weight += weights_right;
                no_unrolling();
            }
        }
        row = row.wrapping_add(down);
        weights += weights_down;
    }
    store::<V, N, P, F>(f, &sums, y, start.to, pass.outputs);
}

/// Computes `P` outputs whose windows have 3 columns and lie side by side: the 3 weights of a row stay in registers, and each of
/// the `P + 2` places in a row is loaded once. In a pass backward, the places and outputs follow from right to left.
#[inline(always)]
pub fn tile_of_threes<V: Lanes, const N: usize, const P: usize, F: Fold>(
    machine: V::Machine,
    f: &F,
    pass: &Pass,
    x: &[f32],
    start: Start,
    y: &mut [f32],
) {
    let Pass { rows, columns, channels, right, width, down, weights_down, .. } = *pass;
    let (mut left, mut to) = (start.left, start.to);
    if columns.dilation != 1 {
        (left, to) = (left.wrapping_add((P - 1) * channels), to + (P - 1) * channels);
    }
    let mut sums = [f.start::<V, N>(machine, start.at); P];
    let (mut row, mut weights) = (start.top.wrapping_mul(width), pass.weights + start.at);
    for _ in 0..rows.taps {
        if let Some(places) = Row::new::<V, N>(x, row, width) {
            let w = f.weights().get(weights..).unwrap_or_default();
            let Some(c) = full::<V, N>(machine, w, 2 * channels) else { break };
            let Some(b) = full::<V, N>(machine, w, channels) else { break };
            let Some(a) = full::<V, N>(machine, w, 0) else { break };
            let mut place = left;
            written_out!(k in (P + 2) {
                if let Some(x) = places.get::<V, N>(machine, place) {
                    if k < P {
                        step(f, &mut sums[k], &x, &a);
                    }
                    if k > 0 && k <= P {
                        step(f, &mut sums[k - 1], &x, &b);
                    }
                    if k > 1 {
                        step(f, &mut sums[k - 2], &x, &c);
                    }
                }
                place = place.wrapping_add(right);
            });
        }
        row = row.wrapping_add(down);
        weights += weights_down;
        no_unrolling();
    }
    store::<V, N, P, F>(f, &sums, y, to, right);
}

/// One tap of one output.
#[inline(always)]
fn step<V: Lanes, const N: usize, F: Fold>(f: &F, sums: &mut [V; N], x: &[V; N], w: &[V; N]) {
    written_out!(n in N {
        sums[n] = f.step(sums[n], x[n], w[n]);
    });
}

/// Stores outputs at this distance.
#[cfg_attr(not(debug_assertions), inline(always))]
fn store<V: Lanes, const N: usize, const P: usize, F: Fold>(
    f: &F,
    sums: &[[V; N]; P],
    y: &mut [f32],
    to: usize,
    distance: usize,
) {
    let mut to = to;
    written_out!(p in P {
        if let Some(y) = y.get_mut(to..to + N * V::LANES) {
            written_out!(n in N {
                f.finish(sums[p][n]).store(y.get_mut(n * V::LANES..).unwrap_or_default());
            });
        }
        to = to.wrapping_add(distance);
    });
}

/// The places of a row.
#[derive(Clone, Copy)]
struct Row<'a> {
    places: &'a [f32],
    /// The last index where `N` vectors can begin.
    last: usize,
}

impl<'a> Row<'a> {
    /// The row that begins at this index of a sample, if the sample has it.
    #[inline(always)]
    fn new<V: Lanes, const N: usize>(x: &'a [f32], from: usize, width: usize) -> Option<Self> {
        let places = x.get(from..from.wrapping_add(width))?;
        Some(Row { places, last: places.len().checked_sub(N * V::LANES)? })
    }

    /// `N` vectors. It takes one comparison to see that the row has them.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn get<V: Lanes, const N: usize>(self, machine: V::Machine, at: usize) -> Option<[V; N]> {
        if at > self.last {
            return None;
        }
        full(machine, self.places.get(at..)?, 0)
    }
}

/// `N` vectors from `from` on, if the slice has them. An index that has wrapped around is beyond its end.
#[inline(always)]
pub fn full<V: Lanes, const N: usize>(machine: V::Machine, values: &[f32], from: usize) -> Option<[V; N]> {
    let values = values.get(from..)?.get(..N * V::LANES)?;
    let mut vectors = zeros(machine);
    written_out!(n in N {
        vectors[n] = V::load(machine, values.get(n * V::LANES..).unwrap_or_default());
    });
    Some(vectors)
}

#[inline(always)]
pub fn zeros<V: Lanes, const N: usize>(machine: V::Machine) -> [V; N] {
    [V::broadcast(machine, 0.0); N]
}
