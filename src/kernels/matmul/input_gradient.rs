use super::batch::packed;
use super::narrow::{single_column, tiny};
use super::tile::{Step, columns};
use super::{Kernel, Lanes, Plain, kernel_for, one_lane, partial_sums};
use crate::kernels::elementwise::{self, Map};
use wide::{f32x4, f32x8, f32x16};

/// `dx = dy · wᵀ`: `dy` is `[samples][O]`, `w` `[I][O]`, `dx` `[samples][I]`.
#[inline]
pub fn input_gradient<const I: usize, const O: usize>(dy: &[[f32; O]], w: &[[f32; O]; I], dx: &mut [[f32; I]]) {
    match const { kernel_for(O, I) } {
        Kernel::Tiny if const { O == 1 } => {
            for (dy, dx) in dy.as_flattened().iter().zip(dx) {
                elementwise::map_into(&Times(*dy), w.as_flattened(), dx);
            }
        }
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

/// A column of weights times a number, as a sum that starts at 0.
struct Times(f32);

impl Map for Times {
    #[inline(always)]
    fn map<V: Lanes>(&self, w: V) -> V {
        V::splat(self.0).mul_add(w, V::splat(0.0))
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
        let rows = w.get(cols[0]..).unwrap_or_default();
        packed(dy, cols, [V::splat(0.0)], &Transposed::<L, O>(rows), dx, &Plain);
    }
}

/// The columns of up to `L` rows of weights, as rows.
struct Transposed<'a, const L: usize, const O: usize>(&'a [[f32; O]]);

impl<V: Lanes, const L: usize, const O: usize> Step<[V; 1]> for Transposed<'_, L, O> {
    #[inline(always)]
    fn at(&self, k: usize) -> [V; 1] {
        let mut lanes = [0.0; L];
        for (lane, w) in lanes.iter_mut().zip(self.0) {
            *lane = if let Some(w) = w.get(k) { *w } else { 0.0 };
        }
        [V::load(&lanes)]
    }
}
