use super::tile::{Rows, tile};
use super::{Lanes, NATIVE, lanes_for};
use wide::{f32x4, f32x8, f32x16};

/// Rows of `dw = xᵀ · dy`, a few at a time: calls `take(first, rows)` with the rows from input `first` on.
///
/// The gradient goes from registers through a small buffer straight to whom it is for, an optimiser or a sum.
#[inline]
pub fn weight_gradient<const I: usize, const O: usize>(
    x: &[[f32; I]],
    dy: &[[f32; O]],
    take: impl FnMut(usize, &[[f32; O]]),
) {
    match const { lanes_for(16, O) } {
        16 => weight_gradient_lanes::<f32x16, I, O>(x, dy, take),
        8 => weight_gradient_lanes::<f32x8, I, O>(x, dy, take),
        4 => weight_gradient_lanes::<f32x4, I, O>(x, dy, take),
        _ => weight_gradient_lanes::<f32, I, O>(x, dy, take),
    }
}

#[inline(always)]
fn weight_gradient_lanes<V: Lanes, const I: usize, const O: usize>(
    x: &[[f32; I]],
    dy: &[[f32; O]],
    mut take: impl FnMut(usize, &[[f32; O]]),
) {
    let rows = const { block_rows(I) };
    let vectors = const { O.div_ceil(V::LANES) };
    let mut buffer = [[0.0; O]; 8];
    let mut first = 0;
    while first < I {
        let take_rows = rows.min(I - first);
        let mut v = 0;
        while v < vectors {
            let pair = vectors - v >= 2;
            let cols = [v * V::LANES, (v + 1) * V::LANES].map(|c| c.min(O.saturating_sub(V::LANES)));
            match (rows, pair) {
                (8, true) if NATIVE < 16 => {
                    gradient_tile::<V, 4, 2, I, O>(x, dy, first, cols, &mut buffer);
                    gradient_tile::<V, 4, 2, I, O>(x, dy, first + 4, cols, &mut buffer[4..]);
                }
                (8, true) => gradient_tile::<V, 8, 2, I, O>(x, dy, first, cols, &mut buffer),
                (8, false) => gradient_tile::<V, 8, 1, I, O>(x, dy, first, [cols[0]], &mut buffer),
                (_, _) => {
                    for r in 0..take_rows {
                        let row = first + r;
                        let buffer = &mut buffer[r..];
                        gradient_tile::<V, 1, 1, I, O>(x, dy, row, [cols[0]], buffer);
                    }
                }
            }
            v += if rows == 8 && pair { 2 } else { 1 };
        }
        take(first, buffer.get(..take_rows).unwrap_or_default());
        first += rows;
    }
}

/// Rows of the gradient that are made at once.
const fn block_rows(inputs: usize) -> usize {
    match inputs {
        _ if NATIVE == 1 => 1,
        8.. => 8,
        _ => inputs,
    }
}

/// `MR` rows of the gradient at `NV` vectors of columns; inputs past the last count as zeros.
#[inline(always)]
fn gradient_tile<V: Lanes, const MR: usize, const NV: usize, const I: usize, const O: usize>(
    x: &[[f32; I]],
    dy: &[[f32; O]],
    first: usize,
    cols: [usize; NV],
    out: &mut [[f32; O]],
) {
    let rows = Rows::<V, O>::new(dy);
    let inputs = |k: usize| {
        let x = x.get(k).map_or(&[][..], |x| x.get(first..).unwrap_or_default());
        x.first_chunk::<MR>().copied().unwrap_or_else(|| core::array::from_fn(|r| x.get(r).copied().unwrap_or(0.0)))
    };
    let acc = tile((0, 1, x.len()), [[V::splat(0.0); NV]; MR], inputs, |k| rows.row(k, cols));
    for (out, acc) in out.iter_mut().zip(acc) {
        for (acc, c) in acc.iter().zip(cols) {
            acc.store(out.get_mut(c..).unwrap_or_default());
        }
    }
}

/// Σ over samples of `dy`: the gradient of the biases.
#[inline]
pub fn column_sums<const O: usize>(dy: &[[f32; O]]) -> [f32; O] {
    let mut sums = [0.0; O];
    for dy in dy {
        crate::kernels::elementwise::add(dy, &mut sums);
    }
    sums
}
