use super::{Lanes, lanes_for, partial_sums, tile};
use wide::{f32x4, f32x8, f32x16};

/// `dx = dy · wᵀ`: `dy` is `[samples][O]`, `w` `[I][O]`, `dx` `[samples][I]`.
#[inline]
pub fn input_gradient<const I: usize, const O: usize>(dy: &[[f32; O]], w: &[[f32; O]; I], dx: &mut [[f32; I]]) {
    match const { lanes_for(I) } {
        16 => input_gradient_lanes::<f32x16, 16, I, O>(dy, w, dx),
        8 => input_gradient_lanes::<f32x8, 8, I, O>(dy, w, dx),
        4 => input_gradient_lanes::<f32x4, 4, I, O>(dy, w, dx),
        _ => input_gradient_lanes::<f32, 1, I, O>(dy, w, dx),
    }
}

/// One vector of columns at a time: their part of `wᵀ` is copied once a batch.
#[inline(always)]
fn input_gradient_lanes<V: Lanes, const L: usize, const I: usize, const O: usize>(
    dy: &[[f32; O]],
    w: &[[f32; O]; I],
    dx: &mut [[f32; I]],
) {
    for first in (0..I).step_by(L) {
        let col = first.min(I.saturating_sub(L));
        let mut columns = [[0.0; L]; O];
        for (lane, w) in w.iter().skip(col).take(L).enumerate() {
            for (column, w) in columns.iter_mut().zip(w) {
                column[lane] = *w;
            }
        }
        let mut out = dx.iter_mut();
        strip::<V, L, I, O>(dy, &columns, |total| {
            if let Some(dx) = out.next() {
                total.store(dx.get_mut(col..).unwrap_or_default());
            }
        });
    }
}

/// `dy · columns`, sample after sample, in the order of a product with `I` columns.
#[inline(always)]
fn strip<V: Lanes, const L: usize, const I: usize, const O: usize>(
    dy: &[[f32; O]],
    columns: &[[f32; L]; O],
    mut take: impl FnMut(V),
) {
    let partial = const { partial_sums(O, I) };
    let (blocks, single) = dy.as_chunks::<8>();
    for dy in blocks {
        let mut total = [[V::splat(0.0)]; 8];
        for p in 0..partial {
            let sums =
                tile::<V, 8, 1, L>(columns, p, partial, O, [0], [V::splat(0.0)], |k| dy.each_ref().map(|dy| dy[k]));
            for r in 0..8 {
                total[r][0] = if p == 0 { sums[r][0] } else { total[r][0] + sums[r][0] };
            }
        }
        total.into_iter().for_each(|[t]| take(t));
    }
    for dy in single {
        let mut sums = [V::splat(0.0); 4];
        for (dy, columns) in dy.chunks(partial).zip(columns.chunks(partial)) {
            for ((sum, dy), column) in sums.iter_mut().zip(dy).zip(columns) {
                *sum = V::splat(*dy).mul_add(V::load(column), *sum);
            }
        }
        let [mut total, rest @ ..] = sums;
        for sum in rest.into_iter().take(partial - 1) {
            total = total + sum;
        }
        take(total);
    }
}
