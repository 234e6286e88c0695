//! Products with rows of weights: byte by byte, or as many bytes at once as a target's vectors have, which LLVM does.

use super::{Output, Range, dot::VECTORS};
use crate::kernels::{no_unrolling, part_of_callers, written_out};

part_of_callers! { inline(never);

/// [`dots`](super::dot::dots) for rows of weights.
pub fn dots<const BYTES: usize>(x: &[u8], w: &[u8], outputs: &[Output], range: Range, y: &mut [u8]) {
    let zero = x.iter().fold(0, |sum: u32, x| sum.wrapping_add(u32::from(*x))).wrapping_mul(0x80);
    let (n, mut w) = (x.len(), w.as_chunks::<BYTES>().0);
    let mut next = |rows: usize| {
        let (these, rest) = w.split_at_checked(rows * n).unwrap_or_default();
        w = rest;
        these
    };
    let (mut y, mut outputs) = (y, outputs);
    if VECTORS {
        let ((groups, y_rest), (of_groups, rest)) = (y.as_chunks_mut::<4>(), outputs.as_chunks::<4>());
        for (y, outputs) in groups.iter_mut().zip(of_groups) {
            range.finish_all(&four(x, next(4)).map(|sum| sum.wrapping_sub(zero)), outputs, y);
        }
        (y, outputs) = (y_rest, rest);
    }
    for (y, output) in y.iter_mut().zip(outputs) {
        *y = range.finish(row(x, next(1)).wrapping_sub(zero) as i32, output);
    }
}

/// The sum of products with one row.
pub fn row<const BYTES: usize>(x: &[u8], w: &[[u8; BYTES]]) -> u32 {
    let mut sum = 0_u32;
    let (mut x, mut w) = (x, w);
    if !VECTORS {
        let ((x16, x1), (w16, w1)) = (x.as_chunks::<16>(), w.as_chunks::<16>());
        for (x, w) in x16.iter().zip(w16) {
            written_out!(four in 4 {
                written_out!(i in 4 {
                    let i = 4 * four + i;
                    sum = sum.wrapping_add(u32::from(x[i]) * weight(&w[i]));
                });
            });
            no_unrolling();
        }
        (x, w) = (x1, w1);
    }
    for (x, w) in x.iter().zip(w) {
        sum = sum.wrapping_add(u32::from(*x) * weight(w));
    }
    sum
}

/// The sums of products with four rows.
fn four<const BYTES: usize>(x: &[u8], w: &[[u8; BYTES]]) -> [u32; 4] {
    let n = x.len();
    let (Some(a), Some(b), Some(c), Some(d)) = (w.get(..n), w.get(n..2 * n), w.get(2 * n..3 * n), w.get(3 * n..4 * n))
    else {
        return [0; 4];
    };
    let mut sums = [0_u32; 4];
    for ((((x, a), b), c), d) in x.iter().zip(a).zip(b).zip(c).zip(d) {
        let x = u32::from(*x);
        sums[0] = sums[0].wrapping_add(x * weight(a));
        sums[1] = sums[1].wrapping_add(x * weight(b));
        sums[2] = sums[2].wrapping_add(x * weight(c));
        sums[3] = sums[3].wrapping_add(x * weight(d));
    }
    sums
}
}

/// A weight. Its second byte is 0, and is loaded where a load of two bytes is one instruction.
#[inline(always)]
fn weight<const BYTES: usize>(w: &[u8; BYTES]) -> u32 {
    match w.as_slice() {
        [low, high] if VECTORS => u16::from_le_bytes([*low, *high]).into(),
        _ => w[0].into(),
    }
}
