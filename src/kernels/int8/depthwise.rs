//! Depthwise convolutions: each channel has weights of its own.

use super::{Output, Range};
use crate::kernels::{lanes::NATIVE, no_unrolling, part_of_callers};

/// Number of channels at once: as many sums as there are registers for.
const CHANNELS: usize = if NATIVE == 1 { 4 } else { 16 };

part_of_callers! { inline(never);

/// Writes the channels of one place. For each place of the window, `x` has its bytes, and `w` its weights. The `bias` of an
/// output holds the zero point of the input, so that padding is the byte of the zero point.
pub fn place<const C: usize>(x: &[&[u8; C]], w: &[[u8; C]], outputs: &[Output; C], range: Range, y: &mut [u8; C]) {
    let mut first = 0;
    let (many, rest) = y.as_chunks_mut::<CHANNELS>();
    for y in many {
        channels(x, w, first, outputs, range, y);
        first += CHANNELS;
    }
    for y in rest.as_chunks_mut::<1>().0 {
        channels(x, w, first, outputs, range, y);
        first += 1;
    }
    range.limit(y);
}
}

/// Writes `N` channels from `first` on.
#[inline(always)]
fn channels<const C: usize, const N: usize>(
    x: &[&[u8; C]],
    w: &[[u8; C]],
    first: usize,
    outputs: &[Output; C],
    range: Range,
    y: &mut [u8; N],
) {
    let mut sums = [0_u32; N];
    for (x, w) in x.iter().zip(w) {
        add(x, w, first, &mut sums);
    }
    range.finish_all(&sums, outputs.get(first..).unwrap_or_default(), y);
}

/// Adds the products of one place of the window.
#[inline(always)]
fn add<const C: usize, const N: usize>(x: &[u8; C], w: &[u8; C], first: usize, sums: &mut [u32; N]) {
    if let (Some(x), Some(w)) = (part::<N>(x, first), part::<N>(w, first)) {
        for i in 0..N {
            sums[i] = sums[i].wrapping_add((i32::from(x[i]) * i32::from(w[i] as i8)) as u32);
            // In this order: otherwise LLVM loads all bytes first, and has no registers for them.
            no_unrolling();
        }
    }
}

/// `N` bytes from `first` on.
#[inline(always)]
pub fn part<const N: usize>(all: &[u8], first: usize) -> Option<&[u8; N]> {
    all.get(first..)?.first_chunk()
}
