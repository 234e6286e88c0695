//! The three products of a dense layer: `y = x·w + b`, `dx = dy·wᵀ` and `dw = xᵀ·dy`.
//!
//! # The tile
//!
//! All three are one loop, in the file `tile`. Each of its steps takes `MR` numbers to broadcast and one row to stream, and
//! adds their outer product to a block of `MR × NV` vectors, which stays in registers until the loop ends:
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
//! | `dy·wᵀ` | output `k` | `dy[r][k]` of `MR` samples | column `k` of `w`, copied in squares once per batch | `input_gradient` |
//! | `xᵀ·dy` | sample `k` | `x[k][i]` of `MR` inputs | `dy[k]` | `weight_gradient` |
//!
//! A multiply-add takes 4 cycles, and two can start per cycle, so fewer than 8 accumulators leave the processor idle. A
//! step loads `MR + NV` vectors for `MR · NV` multiply-adds, and two loads can start per cycle as well: a tile of one vector
//! per row waits a little for its loads, wider tiles never do. So a tile takes two vectors of columns; if their number is
//! odd, the first tile takes three. Exactly 8 accumulators are not enough either, because nothing makes up for a delay. So a
//! tile takes eight samples if there are 32 registers and six if there are 16; with three vectors of columns eight and four,
//! with one vector sixteen and eight; with 32 registers it takes twelve if the weights come from L2. Tiles of four and fewer take the remaining samples. To change this, change `tile_rows`
//! in `batch`. With more accumulators than registers, the compiler stores and reloads some in the loop, which shows in the
//! bench `matmul` at once.
//!
//! Everything that a step calls is a method marked `#[inline(always)]`. A closure cannot be marked, and with Cargo's default
//! profile the compiler leaves some closures as calls, which makes the loop eight times slower.
//!
//! # Columns that do not fill vectors
//!
//! If a row is longer than a vector, its last vector is moved back until it ends with the row; a few elements are then
//! computed twice. If this last vector has only one column of its own, only that column is stored, because a store across
//! two cache lines takes twice as long. If a row is shorter than a vector, it is read together with the front of the next
//! row (`tile::Rows`), and the surplus lanes are never stored: ten columns take one vector of 16. All elements of a row take
//! the same path.
//!
//! # Rows from far away
//!
//! Weights that do not fit a level-1 cache come from L2 again for each tile, although two vectors of each row would fit: rows
//! at a distance of a power of two share a few sets of the cache. So the tiles of the first eight samples also copy what they
//! read, and the others read the copy (`batch::packed`). It has two vectors of each row of a block of 128 steps. All columns
//! of these steps come before the next steps, because the processor prefetches along a row. As many samples go through all
//! blocks at once as have results that fit in the cache (`batch::samples_at_once`).
//!
//! # Other ways
//!
//! - One sample (`one_sample`): a single row of a tile cannot fill the pipelines, so all its partial sums are in registers
//!   at once. If there are too few registers for a row of eight vectors, one partial sum follows another. The last sample of
//!   a batch also goes this way.
//! - The last two or three samples (`one_sample::few`): if the weights come from L2, these samples share each row. Four
//!   vectors of columns fill the pipelines.
//! - Fewer than 16 products per sample, and single columns: `narrow`.
//! - Machines without vectors: `one_lane`, one copy for all shapes.
//!
//! # The order of a sum
//!
//! A sum over `K` steps is cut into blocks of 128. In a block, step `k` goes to partial sum `k mod P` with `P =`
//! [`partial_sums`]. The first partial sum starts at the result of the previous block, or at the bias; the others start at
//! 0. At the end of the block they are added in order. `xᵀ·dy` has one block and `P = 1`. A single column of 16 steps or
//! more is a [sum along vectors](crate::kernels::reduce), added to the bias. All of this depends on the shape alone: a
//! sample gives the same bits in any batch, at any number of lanes.

use super::elementwise::Map;
use super::machine::{Machine, dispatch};
use super::{Lanes, no_unrolling};

mod batch;
pub(super) mod input_gradient;
mod narrow;
pub(super) mod one_lane;
mod one_sample;
pub(super) mod tile;
pub(super) mod weight_gradient;
#[cfg(test)]
mod widths;

pub(super) use batch::tile_rows;
pub use input_gradient::input_gradient;
use narrow::{is_tiny, single_column, tiny};
use one_sample::{few, one_sample, out_of_line};
pub use weight_gradient::{column_sums, weight_gradient};

/// Number of steps in a block.
pub(super) const BLOCK: usize = 128;

/// Number of partial sums of a product over `k` steps with `n` columns.
pub const fn partial_sums(k: usize, n: usize) -> usize {
    match (k, n) {
        (..32, _) => 1,
        (_, ..=16) => 4,
        (_, ..=64) => 2,
        _ => 1,
    }
}

/// The implementations, of which each shape has one. They are numbers: the compiler skips the other arms of a `match` on a
/// constant number, but compiles all arms of a `match` on an enum.
pub(super) mod kernel {
    /// Plain loops, for very few products.
    pub const TINY: usize = 0;
    /// One lane: for machines without vectors.
    pub const ONE_LANE: usize = 1;
    /// Vectors along the sum, for a single column.
    pub const COLUMN: usize = 2;
    /// Tiles of vectors of this many lanes.
    pub const LANES_4: usize = 4;
    pub const LANES_8: usize = 8;
    pub const LANES_16: usize = 16;
}

/// Whether a sample takes so many products that it is worth to choose a machine at run time, which takes two nanoseconds.
const fn is_worth_a_choice(k: usize, n: usize) -> bool {
    k * n >= 128
}

/// Selects the implementation for a product over `k` steps with `n` columns.
const fn kernel_for<M: Machine>(k: usize, n: usize) -> usize {
    match n {
        _ if M::LANES > 1 && is_tiny(k, n) => kernel::TINY,
        1 if !is_tiny(k, n) => kernel::COLUMN,
        _ => lanes_for::<M>(n),
    }
}

/// Selects tiles of the narrowest vectors that hold `n` columns, or of the widest vectors that the machine has.
pub(super) const fn lanes_for<M: Machine>(n: usize) -> usize {
    match n {
        9.. if M::LANES >= 16 => kernel::LANES_16,
        5.. if M::LANES >= 8 => kernel::LANES_8,
        2.. if M::LANES >= 4 => kernel::LANES_4,
        _ if M::LANES >= 4 => kernel::COLUMN,
        _ => kernel::ONE_LANE,
    }
}

/// Number of vectors of columns that come before the others, which are taken two at a time: none, one or three.
pub(super) const fn odd_vectors(vectors: usize) -> usize {
    match vectors {
        1 => 1,
        _ => vectors % 2 * 3,
    }
}

/// The epilogue that stores the sum itself. An epilogue is the last operation on a finished sum, while it is still in a
/// register.
pub struct Plain;

impl Map for Plain {
    #[inline(always)]
    fn map<V: Lanes>(&self, sum: V) -> V {
        sum
    }
}

/// `y = epilogue(x · w + b)`: `x` is `[samples][I]`, `w` `[I][O]`, `y` `[samples][O]`.
#[inline]
pub fn affine<const I: usize, const O: usize, E: Map>(
    x: &[[f32; I]],
    w: &[[f32; O]; I],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    dispatch!(machine if const { is_worth_a_choice(I, O) } => affine_on(machine, x, w, b, y, epilogue))
}

#[inline(always)]
fn affine_on<M: Machine, const I: usize, const O: usize, E: Map>(
    machine: M,
    x: &[[f32; I]],
    w: &[[f32; O]; I],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    match const { kernel_for::<M>(I, O) } {
        kernel::TINY => tiny(x, w, b, y, epilogue),
        kernel::COLUMN => single_column(x, w.as_flattened(), b[0], y.as_flattened_mut(), epilogue),
        kernel::LANES_16 => product::<M::V16, I, O, E>(machine, x, w, b, y, epilogue),
        kernel::LANES_8 => product::<M::V8, I, O, E>(machine, x, w, b, y, epilogue),
        kernel::LANES_4 => product::<M::V4, I, O, E>(machine, x, w, b, y, epilogue),
        _ => {
            for (i, y) in y.iter_mut().enumerate() {
                let Some(x) = x.get(i) else { break };
                one_lane::affine(x, w.as_flattened(), b, y, const { partial_sums(I, O) });
                finish(y, epilogue);
            }
        }
    }
}

/// Applies the epilogue alone: one copy for all shapes.
#[inline(never)]
pub(super) fn finish<E: Map>(sums: &mut [f32], epilogue: &E) {
    for sum in sums {
        *sum = epilogue.map(*sum);
        no_unrolling();
    }
}

/// Multiplies samples in tiles, and the last few in a pair or one by one.
#[inline(always)]
fn product<V: Lanes, const K: usize, const N: usize, E: Map>(
    machine: V::Machine,
    a: &[[f32; K]],
    rows: &[[f32; N]; K],
    bias: &[f32; N],
    out: &mut [[f32; N]],
    epilogue: &E,
) {
    let tiled = a.len() - a.len() % 4;
    let (batch, single) = a.split_at(tiled);
    let (out_batch, out_single) = out.split_at_mut_checked(tiled).unwrap_or_default();
    // This many samples go through all blocks of columns before the next ones begin.
    let count = const { batch::samples_at_once(N) };
    for (a, out) in batch.chunks(count).zip(out_batch.chunks_mut(count)) {
        batch::product::<V, K, N, E>(machine, a, rows, bias, out, epilogue);
    }
    let (mut single, mut out_single) = (single, out_single);
    if const { K * N > L1 && N >= 4 * V::LANES } {
        if const { three_fit::<V::Machine>(partial_sums(K, N)) }
            && let (Some(a), Some(out)) = (single.first_chunk(), out_single.first_chunk_mut())
        {
            few::<V, 3, K, N, E>(machine, a, rows, bias, out, epilogue);
            return;
        }
        let (pairs, out_pairs);
        ((pairs, single), (out_pairs, out_single)) = (single.as_chunks(), out_single.as_chunks_mut());
        for (a, out) in pairs.iter().zip(out_pairs) {
            few::<V, 2, K, N, E>(machine, a, rows, bias, out, epilogue);
        }
    }
    for (a, out) in single.iter().zip(out_single) {
        if const { V::LANES == 16 && half_vectors(K, N) } && tiled == 0 {
            out_of_line::<<V::Machine as Machine>::V8, K, N, E>(machine, a, rows, bias, out, epilogue);
        } else if const { K * N > 16 * V::LANES } {
            out_of_line::<V, K, N, E>(machine, a, rows, bias, out, epilogue);
        } else {
            one_sample::<V, K, N, E>(machine, a, rows, bias, out, epilogue);
        }
    }
}

/// Whether there are registers for three samples. 16 registers are too few for several partial sums, or if a product takes one.
const fn three_fit<M: Machine>(partial: usize) -> bool {
    M::LANES == 16 || (M::FUSED && partial == 1)
}

/// Number of weights that a level-1 cache of 32 KB holds.
const L1: usize = 8192;

/// Whether vectors of 8 are faster than vectors of 16 for a single sample. They are if the weights come from L2, unless
/// those happen to be aligned to cache lines; and they read 17 to 24 columns with less overlap. Right after tiles of vectors
/// of 16 they are slower.
const fn half_vectors(k: usize, n: usize) -> bool {
    k * n > L1 || (k >= 16 && matches!(n, 17..=24))
}
