//! Features weighed over time.

use super::{Output, Range, depthwise::part};

/// Writes the byte of each output: its bias and the sum of its features times its weights, scaled. Features and weights are two
/// parts of `[row][output]` each, with as many rows.
pub fn weigh(parts: [[&[u8]; 2]; 2], outputs: &[Output], range: Range, y: &mut [u8]) {
    let rows_of = outputs.len();
    let (fours, ones) = y.as_chunks_mut::<4>();
    let (of_fours, of_ones) = outputs.as_chunks::<4>();
    for (i, (y, outputs)) in fours.iter_mut().zip(of_fours).enumerate() {
        several(parts, 4 * i, rows_of, outputs, range, y);
    }
    let first = 4 * of_fours.len();
    for (i, (y, output)) in ones.as_chunks_mut::<1>().0.iter_mut().zip(of_ones.as_chunks::<1>().0).enumerate() {
        several(parts, first + i, rows_of, output, range, y);
    }
}

/// `N` outputs from number `first` on, in rows of `of`.
#[inline]
fn several<const N: usize>(
    parts: [[&[u8]; 2]; 2],
    first: usize,
    of: usize,
    outputs: &[Output; N],
    range: Range,
    y: &mut [u8; N],
) {
    let mut sums = [0_u32; N];
    for [x, w] in parts {
        let mut at = first;
        while let (Some(x), Some(w)) = (part::<N>(x, at), part::<N>(w, at)) {
            for i in 0..N {
                sums[i] = sums[i].wrapping_add((i32::from(x[i]) * i32::from(w[i] as i8)) as u32);
            }
            at += of;
        }
    }
    range.finish_all(&sums, outputs, y);
    range.limit(y);
}
