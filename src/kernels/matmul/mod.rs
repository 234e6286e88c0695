//! The three products of a dense layer: `y = x·w + b`, `dx = dy·wᵀ` and `dw = xᵀ·dy`.
//!
//! # The tile
//!
//! All three are one loop (`tile`). Each of its steps takes `MR` numbers to broadcast and a row to stream, and adds their
//! outer product to a block of `MR × NV` vectors that stays in registers until the loop ends:
//!
//! ```text
//!                 row[cols]  ──►  v0   v1
//!            a0  ──►            acc00 acc01      acc[r][v] += a[r] · row[v]
//!            a1  ──►            acc10 acc11
//! ```
//!
//! | product | step | broadcast | streamed row | file |
//! |---|---|---|---|---|
//! | `x·w` | input `k` | `x[r][k]` of `MR` samples | `w[k]` | `batch` |
//! | `dy·wᵀ` | output `k` | `dy[r][k]` of `MR` samples | column `k` of `w`, copied in squares once a batch | `input_gradient` |
//! | `xᵀ·dy` | sample `k` | `x[k][i]` of `MR` inputs | `dy[k]` | `weight_gradient` |
//!
//! A multiply-add takes 4 cycles and two start in each, so fewer than 8 accumulators leave the machine idle. A step loads
//! `MR + NV` vectors for `MR · NV` multiply-adds, and two loads start in a cycle as well: a tile of one vector a row waits for
//! its loads a little, wider ones never do. So columns are taken in pairs of vectors, the first three together where their
//! number is odd, and eight samples at a time where there are 32 registers, four where there are 16; twice as many where one
//! vector holds a row. To change that, change `tile_rows` in `batch`: more accumulators than registers make the compiler
//! store and reload them in the loop, which shows in the bench `matmul` at once.
//!
//! Whatever is called in a step is a method marked `#[inline(always)]`. A closure cannot be marked, and with Cargo's own
//! settings the compiler does leave some of them calls, at an eighth of the speed.
//!
//! # Columns that do not fill vectors
//!
//! Of a row that is longer than a vector, the last vector is moved back until it ends with the row, and a few elements are
//! computed twice; if it has one column of its own, only that is stored, since it costs twice to store across two cache
//! lines. A shorter row is read together with the front of the next (`tile::Rows`), and what the surplus lanes come to is
//! never stored: ten columns take one vector of 16. No element takes another path than its neighbours.
//!
//! Rows of 512 columns and more are copied in panels of 64 steps (`batch::packed`) since they lie too far apart for the
//! machine's address look-up; others are read where they lie. Columns come before steps, since the machine fetches ahead what
//! follows in a row. Of the samples, as many go through all panels at once as have results that stay in the cache
//! (`batch::samples_at_once`).
//!
//! # Other ways
//!
//! * One sample (`one_sample`) has no neighbours to fill the pipes; it keeps all its partial sums in registers at once. The
//!   last few of a batch are such samples.
//! * Fewer than 16 products a sample, and single columns: `narrow`.
//! * Machines without vectors: `one_lane`, one copy for all shapes.
//!
//! # The order of a sum
//!
//! A sum over `K` steps is cut into blocks of 128. In a block, step `k` goes to partial sum `k mod P` with `P =`
//! [`partial_sums`]; the first goes on from the block before, or from the bias, the others start at 0; then they are added
//! in order. `xᵀ·dy` has one block and `P = 1`. A single column of 16 steps and more is a [sum along
//! vectors](crate::kernels::reduce), added to the bias. All of this depends on the shape alone: a batch gives the bits of its
//! samples, at any number of lanes.

use super::lanes::NATIVE;
use super::{Lanes, compact};
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
use one_sample::{one_sample, out_of_line};
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

/// The kernel of a shape.
enum Kernel {
    /// For machines without vectors.
    OneLane,
    /// Plain loops, for few products.
    Tiny,
    /// Vectors along the sum, for a single column.
    Column,
    /// Tiles of vectors of so many lanes.
    Lanes4,
    Lanes8,
    Lanes16,
}

/// The kernel of a product over `k` steps with `n` columns.
const fn kernel_for(k: usize, n: usize) -> Kernel {
    match n {
        _ if NATIVE > 1 && is_tiny(k, n) => Kernel::Tiny,
        1 if !is_tiny(k, n) => Kernel::Column,
        _ => lanes_for(n),
    }
}

/// Tiles of the narrowest vectors that take `n` columns, or of the widest that the machine has.
const fn lanes_for(n: usize) -> Kernel {
    match n {
        9.. if NATIVE >= 16 => Kernel::Lanes16,
        5.. if NATIVE >= 8 => Kernel::Lanes8,
        2.. if NATIVE >= 4 => Kernel::Lanes4,
        _ if NATIVE >= 4 => Kernel::Column,
        _ => Kernel::OneLane,
    }
}

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
        Kernel::Tiny => tiny(x, w, b, y, epilogue),
        Kernel::Column => single_column(x, w.as_flattened(), b[0], y.as_flattened_mut(), epilogue),
        Kernel::Lanes16 => product::<f32x16, I, O, E>(x, w, b, y, epilogue),
        Kernel::Lanes8 => product::<f32x8, I, O, E>(x, w, b, y, epilogue),
        Kernel::Lanes4 => product::<f32x4, I, O, E>(x, w, b, y, epilogue),
        Kernel::OneLane => {
            for (x, y) in x.iter().zip(y) {
                one_lane::affine(x, w.as_flattened(), b, y, const { partial_sums(I, O) });
                finish(y, epilogue);
            }
        }
    }
}

/// The epilogue alone: one copy for all shapes.
#[inline(never)]
pub(super) fn finish<E: Epilogue>(sums: &mut [f32], epilogue: &E) {
    for sum in sums {
        *sum = epilogue.finish(*sum);
        compact();
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
    // All blocks of columns go through so many samples before the next are begun.
    let count = const { batch::samples_at_once(N) };
    for (a, out) in batch.chunks(count).zip(out_batch.chunks_mut(count)) {
        batch::product::<V, K, N, E>(a, rows, bias, out, epilogue);
    }
    for (a, out) in single.iter().zip(out_single) {
        if const { V::LANES == 16 && half_vectors(K, N) } && tiled == 0 {
            out_of_line::<f32x8, K, N, E>(a, rows, bias, out, epilogue);
        } else if const { K * N > 16 * V::LANES } {
            out_of_line::<V, K, N, E>(a, rows, bias, out, epilogue);
        } else {
            one_sample::<V, K, N, E>(a, rows, bias, out, epilogue);
        }
    }
}

/// Whether vectors of 8 serve a single sample better than those of 16. Weights that come from L2 come at full speed so
/// only, unless they happen to lie on whole cache lines; and 17 to 24 columns are read with less overlap. Right after tiles
/// of vectors of 16 they are slower.
const fn half_vectors(k: usize, n: usize) -> bool {
    k * n > 8192 || (k >= 16 && matches!(n, 17..=24))
}
