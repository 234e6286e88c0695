//! Products of shapes too small for vectors, and of a single column.

use crate::kernels::elementwise::Map;
use crate::kernels::reduce::{self, Product};

/// Whether a sample takes so few products that the loops are left to the compiler. It knows their lengths, and may put
/// several samples into one vector; to allow this, multiply-adds are not fused here.
pub(super) const fn is_tiny(k: usize, n: usize) -> bool {
    k * n < 16
}

/// A matrix of `K` steps and `N` columns: rows, or transposed rows.
pub(super) trait Matrix<const K: usize, const N: usize> {
    fn at(&self, k: usize, n: usize) -> f32;
}

impl<const K: usize, const N: usize> Matrix<K, N> for [[f32; N]; K] {
    #[inline(always)]
    fn at(&self, k: usize, n: usize) -> f32 {
        self[k][n]
    }
}

pub(super) struct Transposed<'a, const K: usize, const N: usize>(pub &'a [[f32; K]; N]);

impl<const K: usize, const N: usize> Matrix<K, N> for Transposed<'_, K, N> {
    #[inline(always)]
    fn at(&self, k: usize, n: usize) -> f32 {
        self.0[n][k]
    }
}

/// `out = epilogue(a · matrix + bias)` in plain loops.
#[inline(always)]
pub(super) fn tiny<const K: usize, const N: usize, E: Map>(
    a: &[[f32; K]],
    matrix: &impl Matrix<K, N>,
    bias: &[f32; N],
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    for (a, out) in a.iter().zip(out) {
        let mut sums = *bias;
        for k in 0..K {
            for n in 0..N {
                sums[n] += a[k] * matrix.at(k, n);
            }
        }
        // The whole row at once, so that the compiler need not assume that a store changes a number still to be read.
        for sum in &mut sums {
            *sum = epilogue.map(*sum);
        }
        *out = sums;
    }
}

/// `out = epilogue(a · column + bias)`, with vectors along the sum.
#[inline(always)]
pub(super) fn single_column<const K: usize, E: Map>(
    a: &[[f32; K]],
    column: &[f32],
    bias: f32,
    out: &mut [f32],
    epilogue: &E,
) {
    for (a, out) in a.iter().zip(out) {
        *out = epilogue.map(bias + reduce::sum(&Product, a, column));
    }
}
