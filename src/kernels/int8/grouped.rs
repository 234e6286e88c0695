//! Products of one input with the weights of four outputs, which lie side by side, for targets without vectors.
//!
//! `UMLAL` and `SMLAL` multiply two words of 32 bits and add to 64 bits. With a byte `x`, that is two products at once: a word
//! `a + 2²⁴·b` adds to the sum of `x · a` and, 24 bits above it, to that of `x · b`. The lower sum has 24 bits, enough for
//! `BLOCK` products of two bytes. With two bytes per weight, such words are stored, and `b` has a sign. With one, four
//! weights are a word `a + 2⁸·b + 2¹⁶·c + 2²⁴·d`; turned and masked, it is `c + 2²⁴·b`, and what this word sums to is then taken
//! from what all four sum to.

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
    if cfg!(umlal) && BYTES == 2 { [0x80, 0, 0x80, 0] } else { [0x80; OUTPUTS] }
}

/// The sums of products of four outputs.
#[inline(always)]
pub fn sums<const BYTES: usize>(x: &[u8], w: &[u8]) -> [u32; OUTPUTS] {
    match (cfg!(umlal), BYTES) {
        (true, 1) => blocks(x, w, four_in_a_word),
        (true, _) => blocks(x, w, two_in_a_word),
        (false, 1) => bytes::<4>(x, w, [0, 1, 2, 3]),
        (false, _) => bytes::<8>(x, w, [0, 3, 4, 7]),
    }
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

#[inline(never)]
fn two_in_a_word(x: &[u8], w: &[[u8; 8]], sums: &mut [u32; OUTPUTS]) {
    let (x4, x1) = x.as_chunks::<4>();
    let (w4, w1) = w.as_chunks::<4>();
    let mut acc = [0; 2];
    for (x, w) in x4.iter().zip(w4) {
        for i in 0..4 {
            acc = two_words(acc, x[i], w[i]);
        }
    }
    for (x, w) in x1.iter().zip(w1) {
        acc = two_words(acc, *x, *w);
    }
    let ([a, b], [c, d]) = (parts(acc[0]), parts(acc[1]));
    add(sums, [a, b, c, d]);
}

#[inline(always)]
fn two_words([first, second]: [i64; 2], x: u8, [a, b, c, d, e, f, g, h]: [u8; 8]) -> [i64; 2] {
    let (x, v, w) = (i64::from(x), i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h]));
    // In this order: otherwise LLVM loads all words first, and has no registers for them.
    core::hint::black_box(());
    [first.wrapping_add(x * i64::from(v)), second.wrapping_add(x * i64::from(w))]
}

#[inline(always)]
fn add(sums: &mut [u32; OUTPUTS], more: [u32; OUTPUTS]) {
    for i in 0..OUTPUTS {
        sums[i] = sums[i].wrapping_add(more[i]);
    }
}

/// The two sums that lie 24 bits apart.
#[inline(always)]
fn parts(sums: i64) -> [u32; 2] {
    [sums as u32 & 0xFF_FFFF, (sums >> 24) as u32]
}

/// Byte by byte: two outputs at once, for which the eight registers of a Cortex-M0 are enough.
#[inline(always)]
fn bytes<const W: usize>(x: &[u8], w: &[u8], at: [usize; OUTPUTS]) -> [u32; OUTPUTS] {
    let ([a, b], [c, d]) = (two::<W>(x, w, at[0], at[1]), two::<W>(x, w, at[2], at[3]));
    [a, b, c, d]
}

#[inline(always)]
fn two<const W: usize>(x: &[u8], w: &[u8], first: usize, second: usize) -> [u32; 2] {
    let (x4, x1) = x.as_chunks::<4>();
    let (w4, w1) = w.as_chunks::<W>().0.as_chunks::<4>();
    let [mut a, mut b] = [0_u32; 2];
    for (x, w) in x4.iter().zip(w4) {
        for i in 0..4 {
            a = a.wrapping_add(u32::from(x[i]) * u32::from(w[i][first]));
            b = b.wrapping_add(u32::from(x[i]) * u32::from(w[i][second]));
        }
    }
    for (x, w) in x1.iter().zip(w1) {
        a = a.wrapping_add(u32::from(*x) * u32::from(w[first]));
        b = b.wrapping_add(u32::from(*x) * u32::from(w[second]));
    }
    [a, b]
}
