//! Products with rows of weights: byte by byte, or as many bytes at once as a target's vectors have, which LLVM does.

use super::{Output, Range};
use crate::kernels::lanes::NATIVE;
use crate::kernels::{no_unrolling, part_of_callers, written_out};

part_of_callers! { inline(never);

/// [`dots`](super::dot::dots) for rows of weights.
pub fn dots<const BYTES: usize>(x: &[u8], w: &[u8], outputs: &[Output], range: Range, y: &mut [u8]) {
    let zero = x.iter().fold(0, |sum: u32, x| sum.wrapping_add(u32::from(*x))).wrapping_mul(0x80);
    let (n, mut w) = (x.len(), w.as_chunks::<BYTES>().0);
    for (y, outputs) in y.chunks_mut(4).zip(outputs.chunks(4)) {
        let (these, rest) = w.split_at_checked(outputs.len() * n).unwrap_or_default();
        // The eight registers of ARMv6-M are enough for one row.
        let sums = if outputs.len() == 4 && cfg!(not(all(target_arch = "arm", not(umlal)))) {
            four(x, these)
        } else {
            let mut sums = [0; 4];
            for (sum, w) in sums.iter_mut().zip(these.chunks_exact(n.max(1))) {
                *sum = row(x, w);
            }
            sums
        };
        range.finish_all(&sums.map(|sum| sum.wrapping_sub(zero)), outputs, y);
        w = rest;
    }
}

/// The sum of products with one row.
pub fn row<const BYTES: usize>(x: &[u8], w: &[[u8; BYTES]]) -> u32 {
    let mut sum = 0_u32;
    let (mut x, mut w) = (x, w);
    if NATIVE == 1 && cfg!(not(helium)) {
        let ((x16, x1), (w16, w1)) = (x.as_chunks::<16>(), w.as_chunks::<16>());
        for (x, w) in x16.iter().zip(w16) {
            written_out!(four in 4 {
                written_out!(i in 4 {
                    let i = 4 * four + i;
                    sum = sum.wrapping_add(u32::from(x[i]) * u32::from(w[i][0]));
                });
            });
            no_unrolling();
        }
        (x, w) = (x1, w1);
    }
    for (x, w) in x.iter().zip(w) {
        sum = sum.wrapping_add(u32::from(*x) * u32::from(w[0]));
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
    for i in 0..n {
        let x = u32::from(x[i]);
        sums[0] = sums[0].wrapping_add(x * u32::from(a[i][0]));
        sums[1] = sums[1].wrapping_add(x * u32::from(b[i][0]));
        sums[2] = sums[2].wrapping_add(x * u32::from(c[i][0]));
        sums[3] = sums[3].wrapping_add(x * u32::from(d[i][0]));
    }
    sums
}
}
