//! Sums of products of a window of bytes with the weights of each output.
//!
//! A weight `w` of −128 to 127 is packed as the byte `w + 128`, so that all products are of bytes: the sum of `x · w` is the sum
//! of `x · (w + 128)` less 128 times the sum of `x`.
//!
//! How weights lie depends on the target. Where there are vectors, the weights of an output lie in a row. Elsewhere, the weights
//! of four outputs for the same input lie side by side. Outputs that fill no group of four lie in rows.

use super::grouped::{self, OUTPUTS};
use super::{Output, Range};
use crate::kernels::{lanes::NATIVE, no_unrolling, part_of_callers};

/// Whether the weights of four outputs lie side by side.
const GROUPED: bool = NATIVE == 1 && cfg!(not(helium));

/// Fails, when compiling, for so many inputs per output that a sum may overflow: at most 255 · 128 each, and 2³⁰ for a bias.
pub const fn assert_no_overflow(k: usize) {
    assert!(k <= (i32::MAX as usize >> 1) / (255 * 128), "the sum of so many products of int8 may overflow");
}

/// Packs int8 weights `[out][in]`, `k` per output, for [`dots`]. `BYTES` is the number of bytes that a weight gets.
pub const fn pack<const BYTES: usize>(w: &[u8], k: usize, packed: &mut [u8]) {
    let outputs = if let Some(outputs) = w.len().checked_div(k) { outputs } else { 0 };
    let grouped = if GROUPED { outputs - outputs % OUTPUTS } else { 0 };
    let mut o = 0;
    while o < outputs {
        let mut i = 0;
        while i < k {
            let (place, zero) = if o < grouped {
                (grouped::place::<BYTES>(o, i, k), grouped::zeros::<BYTES>()[o % OUTPUTS])
            } else {
                ((o * k + i) * BYTES, 0x80)
            };
            packed[place] = w[o * k + i].wrapping_add(zero);
            i += 1;
        }
        o += 1;
    }
}

/// A window of the input, and what its outputs share.
struct Window<'a> {
    x: &'a [u8],
    /// The sum of `x`.
    sum: u32,
    range: Range,
}

part_of_callers! { inline(never);

/// Writes the byte of each output: its bias and the sum of the products of the window `x` with its weights, scaled.
pub fn dots<const BYTES: usize>(x: &[u8], w: &[u8], outputs: &[Output], range: Range, y: &mut [u8]) {
    let window = Window { x, sum: sum(x), range };
    let (groups, last_outputs) = outputs.as_chunks();
    let (bytes, last_bytes) = y.as_chunks_mut();
    let (mut w, length) = (w, OUTPUTS * BYTES * x.len());
    for (y, outputs) in bytes.iter_mut().zip(groups) {
        let (these, rest) = w.split_at_checked(length).unwrap_or_default();
        four::<BYTES>(&window, these, outputs, y);
        w = rest;
    }
    for (y, output) in last_bytes.iter_mut().zip(last_outputs) {
        let (these, rest) = w.split_at_checked(x.len() * BYTES).unwrap_or_default();
        one::<BYTES>(&window, these, output, y);
        w = rest;
    }
}

/// Four outputs.
fn four<const BYTES: usize>(window: &Window<'_>, w: &[u8], outputs: &[Output; OUTPUTS], y: &mut [u8; OUTPUTS]) {
    let x = window.x;
    let sums = if GROUPED { grouped::sums::<BYTES>(x, w) } else { rows::<BYTES>(x, w) };
    let zeros = if GROUPED { grouped::zeros::<BYTES>() } else { [0x80; OUTPUTS] };
    for i in 0..OUTPUTS {
        let sum = sums[i].wrapping_sub(window.sum.wrapping_mul(zeros[i].into()));
        y[i] = window.range.finish(sum as i32, &outputs[i]);
        no_unrolling();
    }
}

/// One output.
fn one<const BYTES: usize>(window: &Window<'_>, w: &[u8], output: &Output, y: &mut u8) {
    let sum = row::<BYTES>(window.x, w).wrapping_sub(window.sum.wrapping_mul(0x80));
    *y = window.range.finish(sum as i32, output);
}
}

/// The sum of bytes: four at a time, in two numbers of 16 bits each, which have room for 128 times four bytes.
#[inline(always)]
fn sum(x: &[u8]) -> u32 {
    const LOW: u32 = 0x00FF_00FF;
    let (words, rest) = x.as_chunks();
    let mut sum = rest.iter().fold(0, |sum: u32, x| sum.wrapping_add(u32::from(*x)));
    for words in words.chunks(128) {
        let mut halves = 0_u32;
        for word in words {
            let word = u32::from_le_bytes(*word);
            halves = halves.wrapping_add(word & LOW).wrapping_add(word >> 8 & LOW);
            no_unrolling();
        }
        sum = sum.wrapping_add(halves & 0xFFFF).wrapping_add(halves >> 16);
    }
    sum
}

/// The sums of products with four rows of weights.
#[inline(always)]
fn rows<const BYTES: usize>(x: &[u8], w: &[u8]) -> [u32; OUTPUTS] {
    let w = w.as_chunks::<BYTES>().0;
    let n = x.len();
    let (Some(a), Some(b), Some(c), Some(d)) = (w.get(..n), w.get(n..2 * n), w.get(2 * n..3 * n), w.get(3 * n..4 * n))
    else {
        return [0; OUTPUTS];
    };
    let mut sums = [0_u32; OUTPUTS];
    for i in 0..n {
        let x = u32::from(x[i]);
        sums[0] = sums[0].wrapping_add(x * u32::from(a[i][0]));
        sums[1] = sums[1].wrapping_add(x * u32::from(b[i][0]));
        sums[2] = sums[2].wrapping_add(x * u32::from(c[i][0]));
        sums[3] = sums[3].wrapping_add(x * u32::from(d[i][0]));
    }
    sums
}

/// The sum of products with a row of weights.
#[inline(always)]
fn row<const BYTES: usize>(x: &[u8], w: &[u8]) -> u32 {
    let products = x.iter().zip(w.as_chunks::<BYTES>().0).map(|(x, w)| u32::from(*x) * u32::from(w[0]));
    products.fold(0, u32::wrapping_add)
}
