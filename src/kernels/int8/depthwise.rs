//! Depthwise convolutions: each channel has weights of its own, for one output or for several.

use super::{Output, Range};
use crate::kernels::{lanes::NATIVE, no_unrolling, part_of_callers};

/// Number of outputs at once: as many sums as there are registers for.
const CHANNELS: usize = if NATIVE == 1 { 4 } else { 16 };

part_of_callers! { inline(never);

/// Writes the outputs of one place: `O / C` of each channel, side by side. For each place of the window, `x` has its bytes, and `w`
/// its weights. The `bias` of an output holds the zero point of the input, so that padding is the byte of the zero point.
pub fn place<const C: usize, const O: usize>(
    x: &[&[u8; C]],
    w: &[[u8; O]],
    outputs: &[Output; O],
    range: Range,
    y: &mut [u8; O],
) {
    let mut first = 0;
    let (many, rest) = y.as_chunks_mut::<CHANNELS>();
    for y in many {
        some(x, w, first, outputs, range, y);
        first += CHANNELS;
    }
    for y in rest.as_chunks_mut::<1>().0 {
        some(x, w, first, outputs, range, y);
        first += 1;
    }
    range.limit(y);
}
}

/// Writes `N` outputs from `first` on.
#[inline(always)]
fn some<const C: usize, const O: usize, const N: usize>(
    x: &[&[u8; C]],
    w: &[[u8; O]],
    first: usize,
    outputs: &[Output; O],
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
fn add<const C: usize, const O: usize, const N: usize>(x: &[u8; C], w: &[u8; O], first: usize, sums: &mut [u32; N]) {
    let several: [u8; N];
    let x = if C == O {
        part::<N>(x, first)
    } else {
        several = core::array::from_fn(|i| x.get((first + i) / const { O / C }).copied().unwrap_or_default());
        Some(&several)
    };
    if let (Some(x), Some(w)) = (x, part::<N>(w, first)) {
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
