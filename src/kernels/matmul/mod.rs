//! The three products of a dense layer: `y = x·w + b`, `dx = dy·wᵀ` and `dw = xᵀ·dy`.
//!
//! # The tile
//!
//! All three are one loop. Each of its steps takes `MR` numbers to broadcast and a row to stream, and adds their outer
//! product to a block of `MR × NV` vectors that stays in registers until the loop ends:
//!
//! ```text
//!                 row[cols]  ──►  v0   v1
//!            a0  ──►            acc00 acc01      acc[r][v] += a[r] · row[v]
//!            a1  ──►            acc10 acc11
//! ```
//!
//! A multiply-add takes 4 cycles and two start in each, so fewer than 8 accumulators leave the machine idle; and a step
//! loads `MR + NV` vectors for `MR · NV` multiply-adds, so tiles are as square as the registers allow (`tile_rows`).
//!
//! | product | step | broadcast | streamed row |
//! |---|---|---|---|
//! | `x·w` | input `k` | `x[r][k]` of `MR` samples | `w[k]` |
//! | `dy·wᵀ` | output `k` | `dy[r][k]` of `MR` samples | column `k` of `w`, copied out of the way once a batch |
//! | `xᵀ·dy` | sample `k` | `x[k][i]` of `MR` inputs | `dy[k]` |
//!
//! The vectors of a tile need not lie on multiples of their width: the last one is moved back until it ends with the
//! row, and computes a few elements twice. No element takes another path than its neighbours.
//!
//! # The order of a sum
//!
//! A sum over `K` steps is made of `P =` [`partial_sums`] interleaved ones (step `k` goes to partial sum `k mod P`), each
//! started at 0, the first at the bias, and added in order; then the partial sums are added in order. One sample alone keeps
//! all partial sums in registers, which gives it the independent accumulators that a single row lacks; a batch makes
//! one partial sum after the other. `P` depends on the shape alone, so both give the same bits. `xᵀ·dy` has one.

use super::Lanes;
use super::lanes::NATIVE;
use wide::{f32x4, f32x8, f32x16};

mod batch;
mod input_gradient;
mod narrow;
mod one_lane;
mod one_sample;
mod tile;
mod weight_gradient;
#[cfg(test)]
mod widths;

pub use input_gradient::input_gradient;
use narrow::{is_tiny, single_column, tiny};
use one_sample::one_sample;
pub use weight_gradient::{column_sums, weight_gradient};

/// Steps of a sum that are made at once.
const BLOCK: usize = 128;

/// How many partial sums a product over `k` steps with `n` columns is made of.
pub const fn partial_sums(k: usize, n: usize) -> usize {
    match (k, n) {
        (..32, _) => 1,
        (_, ..=16) => 4,
        (_, ..=64) => 2,
        _ => 1,
    }
}

/// Lanes of the narrowest vector that takes `n` columns, or of the widest that the machine has.
const fn lanes_for(n: usize) -> usize {
    match n {
        9.. if NATIVE >= 16 => 16,
        5.. if NATIVE >= 8 => 8,
        2.. if NATIVE >= 4 => 4,
        _ => 1,
    }
}

/// The lanes of a product over `k` steps with `n` columns; [`TINY`] and [`COLUMN`] are other ways.
const fn kernel_for(k: usize, n: usize) -> usize {
    match n {
        1 if !is_tiny(k, n) => COLUMN,
        _ if NATIVE == 1 => 1,
        _ if is_tiny(k, n) => TINY,
        _ => lanes_for(n),
    }
}

/// Plain loops.
const TINY: usize = 0;
/// Vectors along the sum.
const COLUMN: usize = usize::MAX;

/// What becomes of a finished sum, while it is still in a register.
pub trait Epilogue {
    /// The value to store.
    fn finish<V: Lanes>(&self, sum: V) -> V;
}

/// Stores the sum itself.
pub struct Plain;

impl Epilogue for Plain {
    #[inline(always)]
    fn finish<V: Lanes>(&self, sum: V) -> V {
        sum
    }
}

/// `y = epilogue(x · w + b)`: `x` is `[samples][I]`, `w` `[I][O]`, `y` `[samples][O]`.
#[inline]
pub fn affine<const I: usize, const O: usize, E: Epilogue>(
    x: &[[f32; I]],
    w: &[[f32; O]; I],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    match const { kernel_for(I, O) } {
        TINY => tiny(x, |i, o| w[i][o], b, y, epilogue),
        COLUMN => single_column(x, w.as_flattened(), b[0], y.as_flattened_mut(), epilogue),
        16 => product::<f32x16, I, O, E>(x, w, b, y, epilogue),
        8 => product::<f32x8, I, O, E>(x, w, b, y, epilogue),
        4 => product::<f32x4, I, O, E>(x, w, b, y, epilogue),
        _ => {
            for (x, y) in x.iter().zip(y) {
                one_lane::affine(x, w.as_flattened(), b, y, const { partial_sums(I, O) });
                finish(y, epilogue);
            }
        }
    }
}

/// The epilogue alone: one copy for all shapes.
#[inline(never)]
fn finish<E: Epilogue>(sums: &mut [f32], epilogue: &E) {
    for sum in sums {
        *sum = epilogue.finish(*sum);
    }
}

/// Samples in tiles, and the last few one by one.
#[inline(always)]
fn product<V: Lanes, const K: usize, const N: usize, E: Epilogue>(
    a: &[[f32; K]],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    let tiled = a.len() - a.len() % 4;
    let (batch, single) = a.split_at(tiled);
    let (out_batch, out_single) = out.split_at_mut_checked(tiled).unwrap_or_default();
    if !batch.is_empty() {
        batch::product::<V, K, N, E>(batch, rows, bias, out_batch, epilogue);
    }
    for (a, out) in single.iter().zip(out_single) {
        // Weights that come from L2 come at full speed in half vectors only, unless they happen to lie on whole cache lines.
        if const { V::LANES == 16 && K * N > 8192 } {
            one_sample::<f32x8, K, N, E>(a, rows, bias, out, epilogue);
        } else {
            one_sample::<V, K, N, E>(a, rows, bias, out, epilogue);
        }
    }
}
