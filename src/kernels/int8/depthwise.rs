//! Depthwise convolutions: each channel has weights of its own.

use super::{Output, Range};

/// Writes the channels of one place: `taps` yields the bytes of each place of the window with their weights, one per channel.
/// The `bias` of an output holds the zero point of the input, so that padding is the byte of the zero point.
#[inline(always)]
pub fn place<'a, T: Iterator<Item = (&'a [u8], &'a [u8])> + Clone>(
    taps: T,
    outputs: &[Output],
    range: Range,
    y: &mut [u8],
) {
    for (channel, (y, output)) in y.iter_mut().zip(outputs).enumerate() {
        let mut sum = 0_i32;
        for (x, w) in taps.clone() {
            if let (Some(x), Some(w)) = (x.get(channel), w.get(channel)) {
                sum = sum.wrapping_add(i32::from(*x) * i32::from(*w as i8));
            }
        }
        *y = range.finish(sum, output);
    }
}
