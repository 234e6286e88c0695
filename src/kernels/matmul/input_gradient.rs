use super::batch::packed;
use super::narrow::{single_column, tiny};
use super::tile::columns;
use super::{Kernel, Lanes, Plain, kernel_for, one_lane, partial_sums};
use wide::{f32x4, f32x8, f32x16};

/// `dx = dy · wᵀ`: `dy` is `[samples][O]`, `w` `[I][O]`, `dx` `[samples][I]`.
#[inline]
pub fn input_gradient<const I: usize, const O: usize>(dy: &[[f32; O]], w: &[[f32; O]; I], dx: &mut [[f32; I]]) {
    match const { kernel_for(O, I) } {
        Kernel::Tiny => tiny(dy, |o, i| w[i][o], &[0.0; I], dx, &Plain),
        Kernel::Column => single_column(dy, w.as_flattened(), 0.0, dx.as_flattened_mut(), &Plain),
        Kernel::Lanes16 => transposed::<f32x16, 16, I, O>(dy, w, dx),
        Kernel::Lanes8 => transposed::<f32x8, 8, I, O>(dy, w, dx),
        Kernel::Lanes4 => transposed::<f32x4, 4, I, O>(dy, w, dx),
        Kernel::OneLane => {
            for (dy, dx) in dy.iter().zip(dx) {
                one_lane::input_gradient(dy, w.as_flattened(), dx, const { partial_sums(O, I) });
            }
        }
    }
}

/// One vector of columns at a time: their part of `wᵀ` is copied once a batch.
#[inline(always)]
pub(super) fn transposed<V: Lanes, const L: usize, const I: usize, const O: usize>(
    dy: &[[f32; O]],
    w: &[[f32; O]; I],
    dx: &mut [[f32; I]],
) {
    for first in 0..const { I.div_ceil(L) } {
        let cols = columns::<V, 1, I>(first);
        let column = |k: usize| {
            let mut lanes = [0.0; L];
            for (lane, w) in lanes.iter_mut().zip(w.iter().skip(cols[0])) {
                *lane = w.get(k).copied().unwrap_or(0.0);
            }
            [V::load(&lanes)]
        };
        packed(dy, cols, [V::splat(0.0)], column, dx, &Plain);
    }
}
