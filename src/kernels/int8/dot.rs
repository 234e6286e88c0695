//! Sums of products of a window of bytes with the weights of each output.

use super::{Output, Range};

/// The inputs of one place of an output: `count` rows of `length` bytes each, `stride` bytes apart.
#[derive(Clone, Copy)]
pub struct Window<'a> {
    /// The bytes from the first one of the window.
    pub bytes: &'a [u8],
    /// Number of rows.
    pub count: usize,
    /// Bytes of a row.
    pub length: usize,
    /// Distance of two rows.
    pub stride: usize,
}

/// Fails, when compiling, for so many inputs per output that a sum may overflow: at most 255 · 128 each, and 2³⁰ for a bias.
pub const fn assert_no_overflow(k: usize) {
    assert!(k <= (i32::MAX as usize >> 1) / (255 * 128), "the sum of so many products of int8 may overflow");
}

/// Packs int8 weights `[out][in]`, `k` per output, for [`dots`]. `BYTES` is the number of bytes that a weight gets.
pub const fn pack<const BYTES: usize>(w: &[u8], _k: usize, packed: &mut [u8]) {
    let mut i = 0;
    while i < w.len() {
        packed[BYTES * i] = w[i];
        if BYTES == 2 {
            packed[2 * i + 1] = if w[i] < 0x80 { 0 } else { 0xFF };
        }
        i += 1;
    }
}

/// Writes the byte of each output: its bias and the sum of the products of the window with its weights, scaled.
#[inline(always)]
pub fn dots<const BYTES: usize>(window: Window<'_>, w: &[u8], outputs: &[Output], range: Range, y: &mut [u8]) {
    let k = (window.count * window.length * BYTES).max(1);
    for ((y, w), output) in y.iter_mut().zip(w.chunks_exact(k)).zip(outputs) {
        let mut sum = 0_i32;
        let mut w = w;
        for row in 0..window.count {
            let x = window.bytes.get(row * window.stride..).unwrap_or_default();
            let (these, rest) = w.split_at_checked(window.length * BYTES).unwrap_or_default();
            for (x, w) in x.iter().zip(these.chunks_exact(BYTES)) {
                sum = sum.wrapping_add(i32::from(*x) * i32::from(w[0] as i8));
            }
            w = rest;
        }
        *y = range.finish(sum, output);
    }
}
