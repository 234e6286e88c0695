//! Products of two windows of the input with the weights of four outputs, for the processors of [`grouped`](super::grouped).
//!
//! A word has the bytes of both windows for the same input, `a + 2²⁴·b`. `UMLAL` multiplies it by a weight of one byte, which adds
//! to the sums of both windows: the lower sum has 24 bits, enough for `LARGEST` products of two bytes. So a weight that is loaded
//! serves two places, and a word of the input, once packed, serves all outputs.

use super::{Output, Range, dot, grouped::OUTPUTS, grouped::parts};
use crate::kernels::{no_unrolling, written_out};

/// The largest number of inputs: the words of a window are on the stack.
const LARGEST: usize = 144;

/// Whether windows of `k` inputs are taken in pairs, for this many outputs.
pub const fn fit<const BYTES: usize>(k: usize, outputs: usize) -> bool {
    dot::GROUPED && BYTES == 1 && k <= LARGEST && outputs.is_multiple_of(OUTPUTS)
}

/// Puts a row of both windows into words. A window has these bytes from a word on, and `padding` in the others.
#[inline(never)]
pub fn put(words: &mut [u32], windows: [(usize, &[u8]); 2], padding: u8) {
    let word = |low: u8, high: u8| u32::from(low) | u32::from(high) << 24;
    let [(_, low), (_, high)] = windows;
    if low.len() < words.len() || high.len() < words.len() {
        for (i, to) in words.iter_mut().enumerate() {
            let [low, high] = windows.map(|(first, bytes)| i.checked_sub(first).and_then(|i| bytes.get(i)));
            *to = word(*low.unwrap_or(&padding), *high.unwrap_or(&padding));
        }
        return;
    }
    let ((fours, words), (lows, low), (highs, high)) =
        (words.as_chunks_mut::<4>(), low.as_chunks::<4>(), high.as_chunks::<4>());
    for ((words, low), high) in fours.iter_mut().zip(lows).zip(highs) {
        written_out!(i in 4 {
            words[i] = word(low[i], high[i]);
        });
        no_unrolling();
    }
    for ((to, low), high) in words.iter_mut().zip(low).zip(high) {
        *to = word(*low, *high);
        no_unrolling();
    }
}

/// Writes the bytes of the outputs of two windows.
#[inline(never)]
pub fn dots(x: &[u32], w: &[u8], outputs: &[Output], range: Range, mut y: [&mut [u8]; 2]) {
    let zeros =
        parts(x.iter().fold(0_u64, |sum, x| sum.wrapping_add((*x).into())) as i64).map(|sum| sum.wrapping_mul(0x80));
    let length = OUTPUTS * x.len();
    let [first, second] = y.each_mut().map(|y| y.as_chunks_mut::<OUTPUTS>().0);
    let (groups, mut w) = (outputs.as_chunks::<OUTPUTS>().0, w);
    for ((first, second), outputs) in first.iter_mut().zip(second).zip(groups) {
        let (these, rest) = w.split_at_checked(length).unwrap_or_default();
        let sums = four(x, these.as_chunks().0);
        written_out!(i in 4 {
            let [a, b] = parts(sums[i] as i64);
            first[i] = range.finish(a.wrapping_sub(zeros[0]) as i32, &outputs[i]);
            second[i] = range.finish(b.wrapping_sub(zeros[1]) as i32, &outputs[i]);
            no_unrolling();
        });
        w = rest;
    }
    y.into_iter().for_each(|y| range.limit(y));
}

/// The sums of products with four outputs, each of both windows.
#[inline(never)]
fn four(x: &[u32], w: &[[u8; OUTPUTS]]) -> [u64; OUTPUTS] {
    let mut sums = [0_u64; OUTPUTS];
    for (x, w) in x.iter().zip(w) {
        written_out!(o in 4 {
            sums[o] = sums[o].wrapping_add(u64::from(*x) * u64::from(w[o]));
            // In this order: otherwise LLVM loads all bytes first, and has no registers for them. And not unrolled: as in `grouped`.
            core::hint::black_box(());
        });
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::{grouped, rows};
    use std::vec;
    use std::vec::Vec;

    /// Both windows give the bytes that each gives alone.
    #[test]
    fn pairs_are_single_windows() {
        const O: usize = 8;
        for k in [1, 3, 8, 9, 40, LARGEST] {
            let w: Vec<u8> = (0..O * k).map(|i| if i % 7 == 0 { 0x80 } else { (i * 151 + i / 5) as u8 }).collect();
            let (mut grouped, mut row_major) = (vec![0; O * k], vec![[0]; O * k]);
            for (o, i) in (0..O).flat_map(|o| (0..k).map(move |i| (o, i))) {
                let byte = w[o * k + i].wrapping_add(0x80);
                (grouped[grouped::place::<1>(o, i, k)], row_major[o * k + i]) = (byte, [byte]);
            }
            for x in [[255; 2].map(|x| vec![x; k]), [89, 31].map(|step| (0..k).map(|i| (i * step) as u8).collect())] {
                let mut words = vec![0; k];
                put(&mut words, [(0, &x[0]), (0, &x[1])], 0);
                for range in [Range::all(-3), Range { zero: 7, low: 7, high: 200 }] {
                    // One of them has a multiplier above 1/2.
                    let real = |o: usize| if o == 2 { 1.5 } else { 0.2 / (k * (o + 1)) as f64 };
                    let outputs: Vec<_> =
                        (0..O).map(|o| Output::new(9 * o as i32, &w, [o * k, 1, k], 0x83, real(o))).collect();
                    let (mut y, mut alone) = ([[0; O]; 2], [[0; O]; 2]);
                    let [first, second] = &mut y;
                    dots(&words, &grouped, &outputs, range, [first, second]);
                    for (x, alone) in x.iter().zip(&mut alone) {
                        rows::dots::<1>(x, row_major.as_flattened(), &outputs, range, alone);
                        range.limit(alone);
                    }
                    assert_eq!(y, alone, "{k} inputs, {range:?}");
                }
            }
        }
    }

    /// Padding lies before and behind the bytes of each window.
    #[test]
    fn windows_are_padded() {
        let mut words = [0; 6];
        put(&mut words, [(2, &[1, 2]), (0, &[3, 4, 5, 6, 7, 8])], 9);
        assert_eq!(words.map(|word| word as u8), [9, 9, 1, 2, 9, 9]);
        assert_eq!(words.map(|word| (word >> 24) as u8), [3, 4, 5, 6, 7, 8]);
        put(&mut words, [(0, &[]), (0, &[0; 6])], 9);
        assert_eq!(words, [9; 6]);
    }
}
