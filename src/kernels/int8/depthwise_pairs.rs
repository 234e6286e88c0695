//! Depthwise convolutions whose windows are three columns wide and one column apart, for the processors of
//! [`grouped`](super::grouped): several places of a row at once, because their windows share weights and bytes.
//!
//! A word has the bytes of two places, `a + 2²³·b`. `SMLAL` multiplies it by a weight, which adds to the sums of two windows. The
//! lower sum has 23 bits, enough for `LARGEST` rows of products.

use super::{Output, Range, depthwise::channel, dot};
use crate::kernels::{no_unrolling, written_out};

/// Number of columns of a window.
pub const COLUMNS: usize = 3;

/// Bits between the two sums.
const APART: u32 = 23;

/// The largest number of rows of a window: 3 · 42 · 255 · 128 < 2²².
const LARGEST: usize = 42;

/// Whether windows are taken together.
pub const fn fit(rows: usize, columns: usize) -> bool {
    dot::GROUPED && rows <= LARGEST && columns == COLUMNS
}

/// What the windows of `N` places see of a row of the input.
#[derive(Clone, Copy)]
pub struct Seen<'a, const C: usize, const N: usize> {
    /// The place before the first window's middle, or padding.
    pub left: &'a [u8; C],
    /// The middle of each window.
    pub middle: &'a [[u8; C]; N],
    /// The place behind the last window's middle, or padding.
    pub right: &'a [u8; C],
}

/// A byte of a place. A build for size knows nothing of the number, and would keep a panic.
#[inline(always)]
fn byte<const C: usize>(place: Option<&[u8; C]>, c: usize) -> u8 {
    place.and_then(|place| place.get(c)).copied().unwrap_or_default()
}

/// Writes the outputs of `N` places of a row, four or five. `x` are the rows of their windows that are in the input, from the row
/// `first` of the windows on. The others have the byte `padding`.
#[inline(never)]
pub fn places<const C: usize, const O: usize, const KW: usize, const N: usize>(
    x: &[Seen<'_, C, N>],
    first: usize,
    padding: u8,
    w: &[[[u8; O]; KW]],
    outputs: &[Output; O],
    range: Range,
    y: &mut [[u8; O]; N],
) {
    let (above, w) = w.split_at_checked(first).unwrap_or_default();
    let (w, below) = w.split_at_checked(x.len()).unwrap_or_default();
    for (o, output) in outputs.iter().enumerate() {
        let c = channel::<C, O>(o);
        // Written out: a build for size does not unroll the `map` of an array.
        let weight = |w: &[[u8; O]; KW], i: usize| i32::from(byte(w.get(i), o) as i8);
        let weights = |w: &[[u8; O]; KW]| [weight(w, 0), weight(w, 1), weight(w, 2)];
        let mut unseen = 0_i32;
        for w in above.iter().chain(below) {
            let [a, b, c] = weights(w);
            unseen += a + b + c;
            no_unrolling();
        }
        // Of the windows 0 and 2, 1 and 3. The last of five is alone.
        let (mut pairs, mut last) = ([0_i64; 2], 0_i32);
        for (Seen { left, middle, right }, w) in x.iter().zip(w) {
            let at = |i: usize| {
                i32::from(if i == 0 {
                    byte(Some(left), c)
                } else if i > N {
                    byte(Some(right), c)
                } else {
                    byte(middle.get(i - 1), c)
                })
            };
            let w = weights(w);
            written_out!(i in 4 {
                let word = i64::from(at(i) | at(i + 2) << APART);
                written_out!(pair in 2 {
                    if pair <= i && i - pair < COLUMNS {
                        pairs[pair] = pairs[pair].wrapping_add(word * i64::from(w[i - pair]));
                    }
                });
            });
            if N == 5 {
                written_out!(i in 3 {
                    last = last.wrapping_add(at(i + 4) * w[i]);
                });
            }
            no_unrolling();
        }
        let low = |pair: i64| (pair as i32) << (32 - APART) >> (32 - APART);
        // Rounded: a lower sum below 0 has taken 1 from it.
        let high = |pair: i64| (pair.wrapping_add(1 << (APART - 1)) >> APART) as i32;
        let sums = [low(pairs[0]), low(pairs[1]), high(pairs[0]), high(pairs[1]), last];
        let unseen = unseen.wrapping_mul(padding.into());
        written_out!(i in 5 {
            if i < N {
                y[i][o] = range.finish(sums[i].wrapping_add(unseen), output);
            }
        });
        no_unrolling();
    }
    range.limit(y.as_flattened_mut());
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ops::Range as Rows;
    use std::vec::Vec;

    const C: usize = 3;

    /// The rows `taps` of windows with `KH` rows are in the input: the bytes are those of plain sums.
    fn check<const O: usize, const KH: usize, const N: usize>(
        x: impl Fn(usize) -> u8,
        w: impl Fn(usize) -> i8,
        taps: Rows<usize>,
    ) {
        const PADDING: u8 = 119;
        let weights: [[[i8; O]; COLUMNS]; KH] =
            core::array::from_fn(|row| core::array::from_fn(|i| core::array::from_fn(|o| w(7 * row + 31 * i + o))));
        let place = |row: usize, i: usize| core::array::from_fn(|c| x(89 * row + 5 * i + c));
        let [left, right]: [[[u8; C]; KH]; 2] =
            core::array::from_fn(|side| core::array::from_fn(|row| place(row, N + side)));
        let middle: [[[u8; C]; N]; KH] = core::array::from_fn(|row| core::array::from_fn(|i| place(row, i)));
        let seen: Vec<_> =
            taps.clone().map(|row| Seen { left: &left[row], middle: &middle[row], right: &right[row] }).collect();
        let bytes = weights.map(|row| row.map(|w| w.map(|w| w as u8)));
        // One of them has a multiplier above 1/2.
        let real = |o: usize| if o == 2 { 1.5 } else { 0.2 / (KH * (o + 1)) as f64 };
        let outputs: [Output; O] =
            core::array::from_fn(|o| Output::new(9 * o as i32, &[0], [0, 1, 1], PADDING, real(o)));
        for range in [Range::all(-3), Range { zero: 7, low: 7, high: 200 }] {
            let mut y = [[0; O]; N];
            places(&seen, taps.start, PADDING, &bytes, &outputs, range, &mut y);
            for (place, o) in (0..N).flat_map(|place| (0..O).map(move |o| (place, o))) {
                let c = channel::<C, O>(o);
                let mut sum = 0;
                for (row, i) in (0..KH).flat_map(|row| (0..COLUMNS).map(move |i| (row, i))) {
                    let x = match place + i {
                        _ if !taps.contains(&row) => PADDING,
                        0 => left[row][c],
                        i if i > N => right[row][c],
                        i => middle[row][i - 1][c],
                    };
                    sum += i32::from(x) * i32::from(weights[row][i][o]);
                }
                let mut byte = [range.finish(sum, &outputs[o])];
                range.limit(&mut byte);
                assert_eq!(y[place][o], byte[0], "output {o} of place {place} of {N}, {taps:?} of {KH} rows");
            }
        }
    }

    fn check_all<const KH: usize, const N: usize>() {
        for taps in [0..KH, KH / 2..KH, 0..KH.div_ceil(2)] {
            for extreme in [-128, -127, -1, 0, 127] {
                check::<3, KH, N>(|_| 255, |_| extreme, taps.clone());
                check::<3, KH, N>(
                    |i| if i % 2 == 0 { 255 } else { 0 },
                    |i| if i % 3 == 0 { extreme } else { -128 },
                    taps.clone(),
                );
            }
            check::<3, KH, N>(|i| (i * 89) as u8, |i| (i * 151) as i8, taps.clone());
            check::<6, KH, N>(|i| (i * 31) as u8, |i| (i * i * 7) as i8, taps.clone());
        }
    }

    #[test]
    fn places_have_plain_sums() {
        check_all::<1, 4>();
        check_all::<3, 4>();
        check_all::<3, 5>();
        check_all::<LARGEST, 4>();
        check_all::<LARGEST, 5>();
    }
}
