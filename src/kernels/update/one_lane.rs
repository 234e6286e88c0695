//! The optimiser's pass on machines without vectors: one copy for all shapes.
//!
//! It takes four columns at a time, row by row, with the columns' factors of the gradient in registers.

use super::{Gradient, Rule};
use crate::kernels::four::{Four, OneLane, REGISTERS};
use crate::kernels::machine::Build;
use crate::kernels::{Lanes, no_unrolling, written_out};

/// One pass of `rule` along a gradient. It changes nothing if a slice of moments is missing or shorter than `w`.
#[inline(never)]
pub fn update<const M: usize, R: Rule<M>>(
    rule: &R,
    w: &mut [f32],
    gradient: Gradient<'_>,
    moments: &mut [Option<&mut [f32]>; M],
) {
    pass(rule, w, gradient, moments);
}

/// The same, where no moments are missing.
#[inline(never)]
pub(in crate::kernels) fn update_all<const M: usize, R: Rule<M>>(
    rule: &R,
    w: &mut [f32],
    gradient: Gradient<'_>,
    moments: [&mut [f32]; M],
) {
    pass(rule, w, gradient, &mut moments.map(Some));
}

/// The same as [`update`], inlined.
#[inline(always)]
pub(in crate::kernels) fn pass<const M: usize, R: Rule<M>>(
    rule: &R,
    w: &mut [f32],
    gradient: Gradient<'_>,
    of: &mut [Option<&mut [f32]>; M],
) {
    // All slices have the same length, so that the compiler checks one index for all.
    let count = w.len();
    let mut moments = [const { None }; M];
    written_out!(m in M {
        let Some(moment) = of[m].take() else { return };
        let Some(moment) = moment.get_mut(..count) else { return };
        moments[m] = Some(moment);
    });
    let (tame, columns) = (is_tame(gradient), gradient.b.len());
    let mut at = 0;
    if REGISTERS && tame {
        while let Some(b) = gradient.b.get(at..).and_then(<[f32]>::first_chunk::<4>) {
            column::<Four, 4, M, R>(rule, w, at, columns, gradient.a, Four::load(Build, b), &mut moments, tame);
            at += 4;
            no_unrolling();
        }
    }
    while let Some(b) = gradient.b.get(at) {
        column::<f32, 1, M, R>(rule, w, at, columns, gradient.a, *b, &mut moments, tame);
        at += 1;
        no_unrolling();
    }
}

/// Whether the sum of all squares of the gradient is far from overflow; then so are their running means.
fn is_tame(gradient: Gradient<'_>) -> bool {
    squares(gradient.a) * squares(gradient.b) <= 1e38
}

#[inline(never)]
fn squares(factors: &[f32]) -> f32 {
    let mut sum = 0.0;
    let (fours, ones) = factors.as_chunks::<4>();
    for [a, b, c, d] in fours {
        sum = sum + a * a + b * b + c * c + d * d;
        no_unrolling();
    }
    for x in ones {
        sum += x * x;
        no_unrolling();
    }
    sum
}

/// Updates `L` columns of all rows, from column `at` on.
#[inline(always)]
fn column<V: OneLane, const L: usize, const M: usize, R: Rule<M>>(
    rule: &R,
    w: &mut [f32],
    mut at: usize,
    columns: usize,
    rows: &[f32],
    b: V,
    moments: &mut [Option<&mut [f32]>; M],
    tame: bool,
) {
    // The last place where four weights can begin: one comparison per row.
    let Some(last) = w.len().checked_sub(L) else { return };
    for a in rows {
        if at > last {
            break;
        }
        let Some(w) = chunk::<L>(w, at) else { break };
        let mut vectors = const { [V::ZERO; M] };
        written_out!(m in M {
            let Some(moment) = moments[m].as_mut().and_then(|moment| chunk::<L>(moment, at)) else { break };
            vectors[m] = V::load(Build, moment);
        });
        let gradient = V::broadcast(Build, *a) * b;
        let new = if tame {
            rule.apply_tame(V::load(Build, w), gradient, &mut vectors)
        } else {
            // Rounded like a sum that starts at 0, which turns −0 into 0.
            rule.apply(V::load(Build, w), gradient + V::ZERO, &mut vectors)
        };
        new.store(w);
        written_out!(m in M {
            let Some(moment) = moments[m].as_mut().and_then(|moment| chunk::<L>(moment, at)) else { break };
            vectors[m].store(moment);
        });
        at += columns;
        no_unrolling();
    }
}

/// Returns `L` values from index `at` on.
#[inline(always)]
fn chunk<const L: usize>(values: &mut [f32], at: usize) -> Option<&mut [f32; L]> {
    values.get_mut(at..).and_then(|values| values.first_chunk_mut())
}
