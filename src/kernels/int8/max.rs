//! Maximum pools: the largest activation of the places of a window, channel by channel. Padding does not count.

use super::Range;

/// Writes the largest byte of each channel of the places, within a range.
#[inline(always)]
pub fn largest<'a>(places: impl Iterator<Item = &'a [u8]>, range: Range, y: &mut [u8]) {
    y.fill(range.low);
    for x in places {
        for (y, x) in y.iter_mut().zip(x) {
            *y = (*y).max(*x);
        }
    }
    for y in y {
        *y = (*y).min(range.high);
    }
}
