use super::Rule;
use crate::kernels::{Lanes, root};

/// Adam's rule for machines without vectors, with the numbers of one step: `m ← m + share_1 · (g − m)`,
/// `v ← v + share_2 · (g² − v)`, `w ← w − rate · m / (√v + floor)`.
///
/// It gives the bits of [`optimizers::Adam`](crate::optimizers::Adam), whose own text is faster with vectors.
#[derive(Clone)]
pub struct Adam {
    /// 1 − β₁.
    pub share_1: f32,
    /// 1 − β₂.
    pub share_2: f32,
    /// The learning rate after the bias correction.
    pub rate: f32,
    /// ε.
    pub floor: f32,
}

impl Rule<2> for Adam {
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut [V; 2]) -> V {
        let w = self.apply_tame(w, g, moments);
        // A finite gradient may have an infinite square, which would stay for ever.
        moments[1] = moments[1].min(w.splat(f32::MAX));
        w
    }

    // The sign of a gradient of 0 makes no difference: m is never −0.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn apply_tame<V: Lanes>(&self, w: V, g: V, [m, v]: &mut [V; 2]) -> V {
        let m_next = (g - *m).mul_add(w.splat(self.share_1), *m);
        let v_next = g.mul_add(g, -*v).mul_add(w.splat(self.share_2), *v);
        (*m, *v) = (flush(m_next), flush_square(v_next));
        w - m_next * w.splat(self.rate) / (root::root(v_next) + w.splat(self.floor))
    }
}

/// Returns 0 for subnormal numbers, to which the moments of a dead unit decay. They are slow on many machines, and some
/// machines flush them anyway.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn flush<V: Lanes>(moment: V) -> V {
    flush_by(moment.abs(), moment)
}

/// The same for a mean of squares, which is never negative.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
pub fn flush_square<V: Lanes>(moment: V) -> V {
    flush_by(moment, moment)
}

/// Returns 0 if `size` is subnormal, and otherwise the moment.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline)]
fn flush_by<V: Lanes>(size: V, moment: V) -> V {
    // Subnormal numbers cost processors without vectors nothing.
    if root::IN_HARDWARE { moment } else { size.zero_if_less(size.splat(f32::MIN_POSITIVE), moment) }
}
