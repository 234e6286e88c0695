//! Pools: the mean or the maximum of the places of a window, channel by channel. Padding does not count.

/// Returns the mean of `count` activations whose bytes sum to `sum`, halves away from 0, as a byte.
#[inline(always)]
pub fn mean(sum: u32, count: u32) -> u8 {
    let activations = sum as i32 - (128 * count) as i32;
    let half = (count / 2) as i32;
    let mean = (activations + if activations > 0 { half } else { -half }).checked_div(count as i32).unwrap_or_default();
    (mean + 128) as u8
}
