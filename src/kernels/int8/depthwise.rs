//! Depthwise convolutions: each channel has weights of its own, for one output or for several.

use super::{Output, Range};
use crate::kernels::{lanes::NATIVE, no_unrolling, part_of_callers, written_out};
use core::borrow::Borrow;

/// Number of outputs at once, where there are vectors.
const CHANNELS: usize = 16;

part_of_callers! { inline(never);

/// Writes the outputs of one place: `O / C` of each channel, side by side. `x` are the rows of its window: of bytes that follow each
/// other, or of references to the bytes of each place. The `bias` of an output holds the zero point of the input, so that padding is
/// the byte of the zero point.
pub fn place<P: Borrow<[u8; C]>, const C: usize, const O: usize, const KH: usize, const KW: usize>(
    x: [&[P; KW]; KH],
    w: &[[[u8; O]; KW]; KH],
    outputs: &[Output; O],
    range: Range,
    y: &mut [u8; O],
) {
    let mut first = 0;
    if NATIVE > 1 {
        for y in y.as_chunks_mut::<CHANNELS>().0 {
            channels(x, w, first, outputs, range, y);
            first += CHANNELS;
        }
    }
    for o in first..O {
        let (c, mut sum) = (channel::<C, O>(o), 0_i32);
        for row in 0..KH {
            written_out!(column in KW {
                sum = sum.wrapping_add(i32::from(x[row][column].borrow()[c]) * i32::from(w[row][column][o] as i8));
            });
        }
        y[o] = range.finish(sum, &outputs[o]);
        no_unrolling();
    }
    range.limit(y);
}
}

/// The channel of an output.
#[inline(always)]
pub fn channel<const C: usize, const O: usize>(output: usize) -> usize {
    if C == O { output } else { (output / const { O / C }).min(C - 1) }
}

/// Writes many outputs from `first` on.
#[inline(always)]
fn channels<P: Borrow<[u8; C]>, const C: usize, const O: usize, const KH: usize, const KW: usize>(
    x: [&[P; KW]; KH],
    w: &[[[u8; O]; KW]; KH],
    first: usize,
    outputs: &[Output; O],
    range: Range,
    y: &mut [u8; CHANNELS],
) {
    let mut sums = [0_u32; CHANNELS];
    for (x, w) in x.into_iter().flatten().zip(w.as_flattened()) {
        let several: [u8; CHANNELS];
        let x = if C == O {
            part(x.borrow(), first)
        } else {
            several = core::array::from_fn(|i| x.borrow()[channel::<C, O>(first + i)]);
            Some(&several)
        };
        if let (Some(x), Some(w)) = (x, part::<CHANNELS>(w, first)) {
            for i in 0..CHANNELS {
                sums[i] = sums[i].wrapping_add((i32::from(x[i]) * i32::from(w[i] as i8)) as u32);
            }
        }
    }
    range.finish_all(&sums, outputs.get(first..).unwrap_or_default(), y);
}

/// `N` bytes from `first` on.
#[inline(always)]
pub fn part<const N: usize>(all: &[u8], first: usize) -> Option<&[u8; N]> {
    all.get(first..)?.first_chunk()
}
