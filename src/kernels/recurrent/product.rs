//! Products of rows with several matrices, such as the gates of a recurrent layer, added to what is there.
//!
//! A product is a sum over `k = 0, 1, 2, …` that starts at 0; then it is added to the output.
//!
//! Many rows go through the [tiles](crate::kernels::matmul) of one matrix after another. A single row cannot fill the
//! pipelines with one matrix, so it goes through all matrices at once.

use crate::kernels::Lanes;
use crate::kernels::machine::Machine;
use crate::kernels::matmul::tile::{Broadcast, Rows, Stream, load, store, tile};
use crate::kernels::matmul::{Plain, kernel, lanes_for, odd_vectors, one_lane, tile_rows};

/// The rows of each of `G` matrices among other rows: from row `first[g]` on, at a distance.
#[derive(Clone, Copy)]
pub struct Places<const G: usize> {
    pub first: [usize; G],
    pub distance: usize,
}

impl<const G: usize> Places<G> {
    /// The first rows, for all matrices.
    pub const FRONT: Self = Places { first: [0; G], distance: 1 };

    /// The rows of one matrix.
    #[inline(always)]
    pub fn only(&self, g: usize) -> Places<1> {
        Places { first: [self.first.get(g).copied().unwrap_or_default()], distance: self.distance }
    }

    #[inline(always)]
    fn of(&self, g: usize, row: usize) -> usize {
        self.first[g] + row * self.distance
    }
}

/// `out[g] += a[g] · w[g]` for each matrix and `count` rows.
#[inline(always)]
pub fn add_products<M: Machine, const G: usize, const K: usize, const N: usize>(
    machine: M,
    count: usize,
    a: (&[[f32; K]], Places<G>),
    w: &[[[f32; N]; K]; G],
    out: (&mut [[f32; N]], Places<G>),
) {
    match const { lanes_for::<M>(N) } {
        kernel::LANES_16 => vectors::<M::V16, G, K, N>(machine, count, a, w, out),
        kernel::LANES_8 => vectors::<M::V8, G, K, N>(machine, count, a, w, out),
        kernel::LANES_4 => vectors::<M::V4, G, K, N>(machine, count, a, w, out),
        _ => one_by_one(count, a, w, out, one_lane::add_product),
    }
}

/// `out[g] += a[g] · w[g]ᵀ` for each matrix and `count` rows. `turned` has the transposed matrices, if there is one; see [`turn`].
#[inline(always)]
pub fn add_products_back<M: Machine, const G: usize, const K: usize, const N: usize>(
    machine: M,
    count: usize,
    a: (&[[f32; N]], Places<G>),
    w: &[[[f32; N]; K]; G],
    turned: Option<&[[[f32; K]; N]; G]>,
    out: (&mut [[f32; K]], Places<G>),
) {
    match turned {
        Some(turned) => add_products(machine, count, a, turned, out),
        None => one_by_one(count, a, w, out, one_lane::add_product_back),
    }
}

/// Calls a function of one row and one matrix with each row and each matrix.
#[inline(always)]
fn one_by_one<const G: usize, const K: usize, const N: usize, const A: usize, const O: usize>(
    count: usize,
    (a, a_at): (&[[f32; A]], Places<G>),
    w: &[[[f32; N]; K]; G],
    (out, out_at): (&mut [[f32; O]], Places<G>),
    add: impl Fn(&[f32], &[f32], &mut [f32]),
) {
    for row in 0..count {
        for (g, w) in w.iter().enumerate() {
            if let (Some(a), Some(out)) = (a.get(a_at.of(g, row)), out.get_mut(out_at.of(g, row))) {
                add(a, w.as_flattened(), out);
            }
        }
    }
}

/// Transposes each matrix.
#[inline(never)]
pub fn turn<const G: usize, const K: usize, const N: usize>(w: &[[[f32; N]; K]; G], turned: &mut [[[f32; K]; N]; G]) {
    for (w, turned) in w.iter().zip(turned) {
        for (n, turned) in turned.iter_mut().enumerate() {
            for (row, turned) in w.iter().zip(turned) {
                *turned = row[n];
            }
        }
    }
}

/// As many rows as possible in the highest tiles, others in tiles of four, and the last few one by one.
#[inline(always)]
fn vectors<V: Lanes, const G: usize, const K: usize, const N: usize>(
    machine: V::Machine,
    count: usize,
    a: (&[[f32; K]], Places<G>),
    w: &[[[f32; N]; K]; G],
    out: (&mut [[f32; N]], Places<G>),
) {
    let mut product = Product { machine, count, a, w, out };
    match const { odd_vectors(N.div_ceil(V::LANES)) } {
        1 => product.columns::<V, 1>(0),
        3 => product.columns::<V, 3>(0),
        _ => {}
    }
    if const { N.div_ceil(V::LANES) > odd_vectors(N.div_ceil(V::LANES)) } {
        for first in (odd_vectors(N.div_ceil(V::LANES))..N.div_ceil(V::LANES)).step_by(2) {
            product.columns::<V, 2>(first);
        }
    }
}

struct Product<'a, M, const G: usize, const K: usize, const N: usize> {
    machine: M,
    count: usize,
    a: (&'a [[f32; K]], Places<G>),
    w: &'a [[[f32; N]; K]; G],
    out: (&'a mut [[f32; N]], Places<G>),
}

impl<M: Machine, const G: usize, const K: usize, const N: usize> Product<'_, M, G, K, N> {
    /// Computes `NV` vectors of columns, from vector `first` on, for all rows.
    #[inline(always)]
    fn columns<V: Lanes<Machine = M>, const NV: usize>(&mut self, first: usize) {
        let mut row = 0;
        match const { tile_rows::<M>(NV) } {
            8.. => row = self.tiles::<V, 8, NV>(first, row),
            6 => row = self.tiles::<V, 6, NV>(first, row),
            _ => {}
        }
        row = self.tiles::<V, 4, NV>(first, row);
        while row < self.count {
            self.single::<V, NV>(first, row);
            row += 1;
        }
    }

    /// Computes as many tiles of `MR` rows as there are, and returns the row after them.
    #[inline(always)]
    fn tiles<V: Lanes<Machine = M>, const MR: usize, const NV: usize>(&mut self, first: usize, row: usize) -> usize {
        let mut row = row;
        while row + MR <= self.count {
            for (g, w) in self.w.iter().enumerate() {
                let (rows, zero) = (Rows::<V, N>::new(self.machine, w, first), V::broadcast(self.machine, 0.0));
                let mut inputs = Inputs([&[0.0; K]; MR]);
                for (r, input) in inputs.0.iter_mut().enumerate() {
                    *input = self.input(g, row + r);
                }
                let sums = tile(self.machine, (0, 1, K), [[zero; NV]; MR], &inputs, &rows);
                for (r, sums) in sums.iter().enumerate() {
                    self.add(g, row + r, first, *sums);
                }
            }
            row += MR;
        }
        row
    }

    /// Computes one row with all matrices at once.
    #[inline(always)]
    fn single<V: Lanes<Machine = M>, const NV: usize>(&mut self, first: usize, row: usize) {
        let mut a = [&[0.0; K]; G];
        for (g, a) in a.iter_mut().enumerate() {
            *a = self.input(g, row);
        }
        for (g, sums) in sums::<V, NV, G, K, N>(self.machine, a, self.w, first).iter().enumerate() {
            self.add(g, row, first, *sums);
        }
    }

    #[inline(always)]
    fn input(&self, g: usize, row: usize) -> &[f32; K] {
        if let Some(input) = self.a.0.get(self.a.1.of(g, row)) { input } else { &[0.0; K] }
    }

    /// Adds sums to a row.
    #[inline(always)]
    fn add<V: Lanes<Machine = M>, const NV: usize>(&mut self, g: usize, row: usize, first: usize, sums: [V; NV]) {
        if let Some(out) = self.out.0.get_mut(self.out.1.of(g, row)) {
            let mut sums = sums;
            for (sum, old) in sums.iter_mut().zip(load::<V, NV, N>(self.machine, out, first)) {
                *sum = *sum + old;
            }
            store(sums, out, first, &Plain);
        }
    }
}

/// `NV` vectors of the products of a row with each of `G` matrices, from vector `first` on.
#[inline(always)]
pub fn sums<V: Lanes, const NV: usize, const G: usize, const K: usize, const N: usize>(
    machine: V::Machine,
    a: [&[f32; K]; G],
    w: &[[[f32; N]; K]; G],
    first: usize,
) -> [[V; NV]; G] {
    let mut sums = [[V::broadcast(machine, 0.0); NV]; G];
    for k in 0..K {
        for (g, sums) in sums.iter_mut().enumerate() {
            // Rows that are shorter than a vector are read as `Rows` does.
            let row: [V; NV] = if const { V::LANES <= N } {
                load(machine, &w[g][k], first)
            } else {
                Rows::<V, N>::new(machine, &w[g], first).row(k)
            };
            let a = V::broadcast(machine, a[g][k]);
            for (sum, row) in sums.iter_mut().zip(&row) {
                *sum = a.mul_add(*row, *sum);
            }
        }
    }
    sums
}

/// The inputs of a tile, row by row.
struct Inputs<'a, const MR: usize, const K: usize>([&'a [f32; K]; MR]);

impl<const MR: usize, const K: usize> Broadcast for Inputs<'_, MR, K> {
    #[inline(always)]
    fn number(&self, r: usize, k: usize) -> f32 {
        if let Some(number) = self.0[r].get(k) { *number } else { 0.0 }
    }
}
