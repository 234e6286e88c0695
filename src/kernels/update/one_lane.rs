//! The optimiser's pass on machines without vectors: one copy for all shapes.
//!
//! It takes a few columns at a time, row by row, with the columns' factors of the gradient in registers.

use super::{Gradient, Rule};
use crate::kernels::{no_unrolling, root};

#[inline(never)]
pub(in crate::kernels) fn update<const M: usize, R: Rule<M>>(
    rule: &R,
    w: &mut [f32],
    gradient: Gradient<'_>,
    moments: [&mut [f32]; M],
) {
    let count = w.len();
    if gradient.a.is_empty() || moments.iter().any(|m| m.len() < count) {
        return;
    }
    // All slices have the same length, so that the compiler checks one index for all.
    let mut moments = moments.map(|m| m.get_mut(..count).unwrap_or_default());
    let (fours, ones) =
        if root::FPU && is_tame(gradient) { gradient.b.as_chunks::<4>() } else { (&[][..], gradient.b) };
    let mut first = 0;
    for b in fours {
        columns(rule, w, first, gradient, *b, moments.each_mut().map(|m| &mut **m));
        first += 4;
        no_unrolling();
    }
    for b in ones.as_chunks::<1>().0 {
        columns(rule, w, first, gradient, *b, moments.each_mut().map(|m| &mut **m));
        first += 1;
        no_unrolling();
    }
}

/// Whether the sum of all squares of the gradient is far from overflow; then so are their running means.
fn is_tame(gradient: Gradient<'_>) -> bool {
    let squares = |factors: &[f32]| {
        let mut sum = 0.0;
        for x in factors {
            sum += x * x;
            no_unrolling();
        }
        sum
    };
    squares(gradient.a) * squares(gradient.b) <= 1e38
}

/// Updates `N` columns from column `first` on; `N` is above 1 for tame gradients only.
#[inline(always)]
fn columns<const N: usize, const M: usize, R: Rule<M>>(
    rule: &R,
    w: &mut [f32],
    first: usize,
    gradient: Gradient<'_>,
    b: [f32; N],
    mut moments: [&mut [f32]; M],
) {
    let mut at = first;
    for &a in gradient.a {
        let Some(w) = chunk::<N>(w, at) else { break };
        let mut moments = moments.each_mut().map(|m| chunk::<N>(m, at));
        for n in 0..N {
            // Rounded like a sum that starts at 0, which turns −0 into 0.
            let g = a * b[n] + 0.0;
            let mut of_one = moments.each_ref().map(|m| m.as_ref().map_or(0.0, |m| m[n]));
            w[n] = if N > 1 { rule.apply_tame(w[n], g, &mut of_one) } else { rule.apply(w[n], g, &mut of_one) };
            for (m, new) in moments.iter_mut().zip(of_one) {
                if let Some(m) = m {
                    m[n] = new;
                }
            }
        }
        at += gradient.b.len();
        no_unrolling();
    }
}

/// Returns `N` values from index `at` on.
#[inline(always)]
fn chunk<const N: usize>(values: &mut [f32], at: usize) -> Option<&mut [f32; N]> {
    values.get_mut(at..).and_then(|values| values.first_chunk_mut())
}
