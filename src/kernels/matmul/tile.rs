//! The tile, and the rows that it streams.

use crate::kernels::Lanes;
use crate::kernels::elementwise::Map;

/// Returns the column at which vector `v` starts in a row of `N`. The last vector is moved back until it ends with the row.
///
/// It is computed anew each time: if these columns were in an array, the compiler would often lose track of their values.
#[inline(always)]
pub(in crate::kernels) fn column<V: Lanes, const N: usize>(v: usize) -> usize {
    (v * V::LANES).min(const { N.saturating_sub(V::LANES) })
}

/// Rows of `N` columns, of which `NV` vectors are read, from vector `first` on.
///
/// A vector that is wider than a row also reads the front of the next row; the results of those lanes are never stored.
pub(in crate::kernels) struct Rows<'a, V, const N: usize> {
    rows: &'a [[f32; N]],
    first: usize,
    /// The last row, which has no next row.
    last: V,
}

impl<'a, V: Lanes, const N: usize> Rows<'a, V, N> {
    #[inline(always)]
    pub(in crate::kernels) fn new(machine: V::Machine, rows: &'a [[f32; N]], first: usize) -> Self {
        let last = V::load(machine, if let Some(row) = rows.last() { row } else { &[] });
        Rows { rows, first, last }
    }
}

impl<V: Lanes, const NV: usize, const N: usize> Stream<V, NV> for Rows<'_, V, N> {
    #[inline(always)]
    fn row(&self, k: usize) -> [V; NV] {
        if const { V::LANES <= N } {
            if let Some(row) = self.rows.get(k) { load(self.last.machine(), row, self.first) } else { [self.last; NV] }
        } else {
            let window = self.rows.as_flattened().get(k * N..k * N + V::LANES);
            [if let Some(window) = window { V::load(self.last.machine(), window) } else { self.last }; NV]
        }
    }
}

/// The numbers that a tile broadcasts. This and [`Stream`] are traits, because a closure cannot be marked
/// `#[inline(always)]`, and a call in every step takes longer than the step.
pub(in crate::kernels) trait Broadcast {
    /// Returns the number for row `r` of the tile in step `k`. One at a time: an array of them would become a gather.
    fn number(&self, r: usize, k: usize) -> f32;
}

/// The rows that a tile streams.
pub(in crate::kernels) trait Stream<V, const NV: usize> {
    /// Returns the vectors of step `k`.
    fn row(&self, k: usize) -> [V; NV];
}

/// `acc[r][v] = first[r][v] + Σ a.number(r, k) · rows.row(k)[v]` over `k = start, start + step, … < end`.
#[inline(always)]
pub(in crate::kernels) fn tile<V: Lanes, const MR: usize, const NV: usize>(
    machine: V::Machine,
    (start, step, end): (usize, usize, usize),
    first: [[V; NV]; MR],
    a: &impl Broadcast,
    rows: &impl Stream<V, NV>,
) -> [[V; NV]; MR] {
    let mut acc = first;
    let mut k = start;
    while k < end {
        let row = rows.row(k);
        for (r, acc) in acc.iter_mut().enumerate() {
            let a = V::broadcast(machine, a.number(r, k));
            for (acc, row) in acc.iter_mut().zip(&row) {
                *acc = a.mul_add(*row, *acc);
            }
        }
        k += step;
    }
    acc
}

/// Loads `NV` vectors of a row, from vector `first` on.
#[inline(always)]
pub(in crate::kernels) fn load<V: Lanes, const NV: usize, const N: usize>(
    machine: V::Machine,
    row: &[f32; N],
    first: usize,
) -> [V; NV] {
    // Neither `map` nor an iterator of the array itself: the compiler would often keep the array in memory.
    let mut vectors = [V::broadcast(machine, 0.0); NV];
    for (v, vector) in vectors.iter_mut().enumerate() {
        *vector = V::load(machine, row.get(column::<V, N>(first + v)..).unwrap_or_default());
    }
    vectors
}

/// Applies the epilogue to finished sums, and stores them in a row from vector `first` on.
#[inline(always)]
pub(in crate::kernels) fn store<V: Lanes, const NV: usize, const N: usize, E: Map>(
    sums: [V; NV],
    row: &mut [f32; N],
    first: usize,
    e: &E,
) {
    for (v, sum) in sums.iter().enumerate() {
        let (sum, c) = (e.map(*sum), column::<V, N>(first + v));
        if const { N > V::LANES && N % V::LANES == 1 } && c % V::LANES == 1 {
            // If the last vector has only one column of its own, only that column is stored.
            let mut lanes = [0.0; 16];
            sum.store(&mut lanes);
            if let (Some(last), Some(lane)) = (row.last_mut(), lanes.get(const { V::LANES - 1 })) {
                *last = *lane;
            }
        } else {
            sum.store(row.get_mut(c..).unwrap_or_default());
        }
    }
}
