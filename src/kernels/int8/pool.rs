//! Pools: the mean or the maximum of the places of a window, channel by channel. `rows` are the rows of places that the window
//! sees; padding does not count.

use super::Range;

/// Writes the mean of each channel, halves away from 0, within a range.
#[inline(always)]
pub fn mean<'a, const C: usize>(rows: impl Iterator<Item = &'a [[u8; C]]> + Clone, range: Range, y: &mut [u8; C]) {
    let count = rows.clone().map(<[_]>::len).sum::<usize>() as i32;
    for (channel, y) in y.iter_mut().enumerate() {
        let of_row =
            |sum, row: &[[u8; C]]| row.iter().filter_map(|x| x.get(channel)).fold(sum, |sum, x| sum + i32::from(*x));
        let sum = rows.clone().fold(0, of_row) - 128 * count;
        let half = count / 2;
        let mean = (sum + if sum > 0 { half } else { -half }).checked_div(count).unwrap_or_default();
        *y = ((mean + 128) as u8).max(range.low).min(range.high);
    }
}

/// Writes what `finish` makes of the sum of each channel over all places of `x`.
#[inline(always)]
pub fn of_all(x: &[u8], channels: usize, y: &mut [u8], finish: impl Fn(i32) -> u8) {
    for (channel, y) in y.iter_mut().enumerate() {
        let places = x.chunks_exact(channels).filter_map(|place| place.get(channel));
        *y = finish(places.fold(0, |sum, x| sum + i32::from(*x)));
    }
}

/// Writes the largest byte of each channel, within a range.
#[inline(always)]
pub fn largest<'a, const C: usize>(rows: impl Iterator<Item = &'a [[u8; C]]>, range: Range, y: &mut [u8; C]) {
    y.fill(range.low);
    for x in rows.flatten() {
        for (y, x) in y.iter_mut().zip(x) {
            *y = (*y).max(*x);
        }
    }
    for y in y {
        *y = (*y).min(range.high);
    }
}
