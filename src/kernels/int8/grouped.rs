//! Products of one input with the weights of four outputs, which lie side by side, for processors with `UMLAL` but without
//! vectors: from Cortex-M3 on.
//!
//! `UMLAL` and `SMLAL` multiply two words of 32 bits and add to 64 bits. With a byte `x`, that is two products at once: a word
//! `a + 2²⁴·b` adds to the sum of `x · a` and, 24 bits above it, to that of `x · b`. The lower sum has 24 bits, enough for
//! `BLOCK` products of two bytes. With two bytes per weight, such words are stored, and `b` has a sign. With one, four
//! weights are a word `a + 2⁸·b + 2¹⁶·c + 2²⁴·d`; turned and masked, it is `c + 2²⁴·b`, and what this word sums to is then taken
//! from what all four sum to.

use super::{Output, Range, rows::row};
use crate::kernels::{no_unrolling, written_out};

/// Number of outputs whose weights lie side by side.
pub const OUTPUTS: usize = 4;

/// Number of products of two bytes whose sum is less than 2²⁴: 256 · 255² < 2²⁴.
const BLOCK: usize = 256;

/// Where the byte of the weight of output `o` for input `i` of `k` lies. A weight of two bytes has one that stays 0.
pub const fn place<const BYTES: usize>(o: usize, i: usize, k: usize) -> usize {
    let lane = o % OUTPUTS;
    let byte = if BYTES == 1 { lane } else { [0, 3, 4, 7][lane] };
    ((o - lane) * k + i * OUTPUTS) * BYTES + byte
}

/// The bytes of the weight 0 of four outputs.
pub const fn zeros<const BYTES: usize>() -> [u8; OUTPUTS] {
    if BYTES == 2 { [0x80, 0, 0x80, 0] } else { [0x80; OUTPUTS] }
}

/// A window of the input, and what its outputs share.
struct Window<'a> {
    x: &'a [u8],
    /// The sum of `x`.
    sum: u32,
    range: Range,
}

/// Writes the byte of each output: its bias and the sum of the products of the window `x` with its weights, scaled.
#[inline(never)]
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
#[inline(never)]
fn four<const BYTES: usize>(window: &Window<'_>, w: &[u8], outputs: &[Output; OUTPUTS], y: &mut [u8; OUTPUTS]) {
    let (sums, zeros) = (sums::<BYTES>(window.x, w), zeros::<BYTES>());
    for i in 0..OUTPUTS {
        let sum = sums[i].wrapping_sub(window.sum.wrapping_mul(zeros[i].into()));
        y[i] = window.range.finish(sum as i32, &outputs[i]);
    }
}

/// One output.
#[inline(never)]
fn one<const BYTES: usize>(window: &Window<'_>, w: &[u8], output: &Output, y: &mut u8) {
    let sum = row(window.x, w.as_chunks::<BYTES>().0).wrapping_sub(window.sum.wrapping_mul(0x80));
    *y = window.range.finish(sum as i32, output);
}

/// The sum of bytes: four at a time, in two numbers of 16 bits each, which have room for 128 times four bytes.
#[inline(always)]
fn sum(x: &[u8]) -> u32 {
    const LOW: u32 = 0x00FF_00FF;
    let (words, rest) = x.as_chunks::<4>();
    let (fours, last_words) = words.as_chunks::<4>();
    let mut sum = rest.iter().fold(0, |sum: u32, x| sum.wrapping_add(u32::from(*x)));
    let halves_of = |word: [u8; 4]| {
        let word = u32::from_le_bytes(word);
        (word & LOW).wrapping_add(word >> 8 & LOW)
    };
    let mut halves = last_words.iter().fold(0, |halves: u32, word| halves.wrapping_add(halves_of(*word)));
    sum = sum.wrapping_add(halves & 0xFFFF).wrapping_add(halves >> 16);
    for fours in fours.chunks(32) {
        halves = 0;
        for words in fours {
            written_out!(i in 4 {
                halves = halves.wrapping_add(halves_of(words[i]));
            });
            no_unrolling();
        }
        sum = sum.wrapping_add(halves & 0xFFFF).wrapping_add(halves >> 16);
    }
    sum
}

/// The sums of products of four outputs.
#[inline(always)]
pub fn sums<const BYTES: usize>(x: &[u8], w: &[u8]) -> [u32; OUTPUTS] {
    if BYTES == 1 { blocks(x, w, four_in_a_word) } else { blocks(x, w, two_in_a_word) }
}

/// Adds the sums of blocks of inputs.
#[inline(always)]
fn blocks<const W: usize>(x: &[u8], w: &[u8], add: impl Fn(&[u8], &[[u8; W]], &mut [u32; OUTPUTS])) -> [u32; OUTPUTS] {
    let (mut x, mut w) = (x, w.as_chunks().0);
    let mut sums = [0_u32; OUTPUTS];
    loop {
        let (these, rest) = x.split_at_checked(BLOCK).unwrap_or((x, &[]));
        add(these, w, &mut sums);
        if rest.is_empty() {
            return sums;
        }
        (x, w) = (rest, w.get(BLOCK..).unwrap_or_default());
    }
}

#[inline(never)]
fn four_in_a_word(x: &[u8], w: &[[u8; 4]], sums: &mut [u32; OUTPUTS]) {
    let (mut all, mut middle) = (0_u64, 0_u64);
    for (x, w) in x.iter().zip(w) {
        let (x, w) = (u64::from(*x), u32::from_le_bytes(*w));
        all = all.wrapping_add(x * u64::from(w));
        middle = middle.wrapping_add(x * u64::from(w.rotate_right(16) & 0xFF00_00FF));
        // Not unrolled: of two sums that follow each other, LLVM makes one `UMLAL` only where the processor has a `UMAAL`.
        core::hint::black_box(());
    }
    let [c, b] = parts(middle as i64);
    let [a, d] = parts(all.wrapping_sub(u64::from(b << 8)).wrapping_sub(u64::from(c) << 16) as i64);
    add(sums, [a, b, c, d]);
}

#[inline(always)]
fn two_in_a_word(x: &[u8], w: &[[u8; 8]], sums: &mut [u32; OUTPUTS]) {
    let (x, x_rest) = x.as_chunks();
    let (w, w_rest) = w.as_chunks();
    two_in_a_word_by_eights(x, w, sums);
    if !x_rest.is_empty() {
        two_in_a_word_by_ones(x_rest, w_rest, sums);
    }
}

#[inline(always)]
fn two_in_a_word_by_eights(x: &[[u8; 8]], w: &[[[u8; 8]; 8]], sums: &mut [u32; OUTPUTS]) {
    let mut acc = [0; 2];
    for (x, w) in x.iter().zip(w) {
        written_out!(half in 2 {
            written_out!(i in 4 {
                acc = two_words(acc, x[4 * half + i], w[4 * half + i]);
            });
        });
    }
    let ([a, b], [c, d]) = (parts(acc[0]), parts(acc[1]));
    add(sums, [a, b, c, d]);
}

#[inline(never)]
fn two_in_a_word_by_ones(x: &[u8], w: &[[u8; 8]], sums: &mut [u32; OUTPUTS]) {
    let mut acc = [0; 2];
    for (x, w) in x.iter().zip(w) {
        acc = two_words(acc, *x, *w);
    }
    let ([a, b], [c, d]) = (parts(acc[0]), parts(acc[1]));
    add(sums, [a, b, c, d]);
}

#[inline(always)]
fn two_words([first, second]: [i64; 2], x: u8, w: [u8; 8]) -> [i64; 2] {
    let (x, w) = (i64::from(x), u64::from_le_bytes(w));
    let sums = [first.wrapping_add(x * i64::from(w as i32)), second.wrapping_add(x * i64::from((w >> 32) as i32))];
    // In this order: otherwise LLVM loads all words first, and has no registers for them.
    core::hint::black_box(());
    sums
}

#[inline(always)]
fn add(sums: &mut [u32; OUTPUTS], more: [u32; OUTPUTS]) {
    for i in 0..OUTPUTS {
        sums[i] = sums[i].wrapping_add(more[i]);
    }
}

/// The two sums that lie 24 bits apart.
#[inline(always)]
pub fn parts(sums: i64) -> [u32; 2] {
    [sums as u32 & 0xFF_FFFF, (sums >> 24) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::int8::byte;
    use std::vec;
    use std::vec::Vec;

    /// Four outputs of `k` inputs, as `place` and `zeros` say: the sums are exact, also of the largest products.
    fn check<const BYTES: usize>(k: usize, x: impl Fn(usize) -> u8, w: impl Fn(usize, usize) -> i8) {
        let mut packed = vec![0; OUTPUTS * k * BYTES];
        for (o, i) in (0..OUTPUTS).flat_map(|o| (0..k).map(move |i| (o, i))) {
            packed[place::<BYTES>(o, i, k)] = (w(o, i) as u8).wrapping_add(zeros::<BYTES>()[o]);
        }
        let x: Vec<u8> = (0..k).map(x).collect();
        let got = sums::<BYTES>(&x, &packed);
        for o in 0..OUTPUTS {
            let products: i64 = (0..k).map(|i| i64::from(x[i]) * i64::from(w(o, i))).sum();
            let zero = sum(&x).wrapping_mul(zeros::<BYTES>()[o].into());
            assert_eq!(i64::from(got[o].wrapping_sub(zero) as i32), products, "output {o}, {k} inputs, {BYTES} bytes");
        }
    }

    fn check_both(k: usize, x: impl Fn(usize) -> u8 + Copy, w: impl Fn(usize, usize) -> i8 + Copy) {
        check::<1>(k, x, w);
        check::<2>(k, x, w);
    }

    /// All short lengths, and those around the blocks.
    #[test]
    fn sums_are_exact() {
        for k in (0..68).chain([255, 256, 257, 258, 511, 512, 513, 1000]) {
            for extreme in [-128, -127, -1, 0, 127] {
                check_both(k, |_| 255, |_, _| extreme);
                check_both(k, |_| 255, |o, _| if o % 2 == 0 { extreme } else { -128 });
                check_both(k, |_| 255, |o, _| if o < 2 { extreme } else { 127 });
            }
            check_both(k, |i| (i * 89) as u8, |o, i| (i * 151 + o * 37) as i8);
            check_both(k, |i| byte((i * 31) as i8), |o, i| (i * i * 7 + o) as i8);
        }
    }
}
