//! Shapes too small for vectors, and a single column.

use super::Epilogue;
use crate::kernels::reduce::{self, Product};

/// Whether a sample takes so few multiplications that the loops are left to the compiler. It knows their lengths, and may
/// put several samples into one vector; so that it can, nothing is fused here.
pub(super) const fn is_tiny(k: usize, n: usize) -> bool {
    k * n < 16
}

/// `out = epilogue(a · rows + bias)` in plain loops, where `at(k, n)` is a number of the matrix.
#[inline(always)]
pub(super) fn tiny<const K: usize, const N: usize, E: Epilogue>(
    a: &[[f32; K]],
    at: impl Fn(usize, usize) -> f32,
    bias: &[f32; N],
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    for (a, out) in a.iter().zip(out) {
        for n in 0..N {
            let mut sum = bias[n];
            for k in 0..K {
                sum += a[k] * at(k, n);
            }
            out[n] = epilogue.finish(sum);
        }
    }
}

/// `out = epilogue(a · column + bias)`: a product along the vectors.
#[inline(always)]
pub(super) fn single_column<const K: usize, E: Epilogue>(
    a: &[[f32; K]],
    column: &[f32],
    bias: f32,
    out: &mut [f32],
    epilogue: &E,
) {
    for (a, out) in a.iter().zip(out) {
        *out = epilogue.finish(bias + reduce::sum(&Product, a, column));
    }
}
