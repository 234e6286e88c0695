//! Sums of products of a window of bytes with the weights of each output.
//!
//! A weight `w` of −128 to 127 is packed as the byte `w + 128`, so that all products are of bytes: the sum of `x · w` is the sum
//! of `x · (w + 128)` less 128 times the sum of `x`.
//!
//! How weights lie depends on the target. The weights of an output lie in a row. On processors with `UMLAL` but without vectors,
//! the weights of four outputs for the same input lie side by side, and only outputs that fill no group of four lie in rows.

use super::{Output, Range, grouped, rows};
use crate::kernels::lanes::NATIVE;

/// Whether there are vectors of bytes.
pub const VECTORS: bool = NATIVE > 1 || cfg!(helium);

/// Whether the weights of four outputs lie side by side.
pub const GROUPED: bool = cfg!(umlal) && !VECTORS;

/// Fails, when compiling, for so many inputs per output that a sum may overflow: at most 255 · 128 each, and 2³⁰ for a bias.
pub const fn assert_no_overflow(k: usize) {
    assert!(k as u64 <= (i32::MAX as u64 >> 1) / (255 * 128), "the sum of so many products of int8 may overflow");
}

/// Packs int8 weights `[out][in]`, `k` per output, for [`dots`]. `BYTES` is the number of bytes that a weight gets.
pub const fn pack<const BYTES: usize>(w: &[u8], k: usize, packed: &mut [u8]) {
    let outputs = if let Some(outputs) = w.len().checked_div(k) { outputs } else { 0 };
    let grouped = if GROUPED { outputs - outputs % grouped::OUTPUTS } else { 0 };
    let mut o = 0;
    while o < outputs {
        let mut i = 0;
        while i < k {
            let (place, zero) = if o < grouped {
                (grouped::place::<BYTES>(o, i, k), grouped::zeros::<BYTES>()[o % grouped::OUTPUTS])
            } else {
                ((o * k + i) * BYTES, 0x80)
            };
            packed[place] = w[o * k + i].wrapping_add(zero);
            i += 1;
        }
        o += 1;
    }
}

/// Writes the byte of each output: its bias and the sum of the products of the window `x` with its weights, scaled.
#[inline(always)]
pub fn dots<const BYTES: usize>(x: &[u8], w: &[u8], outputs: &[Output], range: Range, y: &mut [u8]) {
    if GROUPED {
        grouped::dots::<BYTES>(x, w, outputs, range, y);
    } else {
        rows::dots::<BYTES>(x, w, outputs, range, y);
    }
    range.limit(y);
}
