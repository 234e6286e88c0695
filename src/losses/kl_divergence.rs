use super::{CLIP, Loss};
use crate::kernels::elementwise::{self, Zip};
use crate::kernels::{Lanes, math, reduce};

/// Σ t ln(t / y), the divergence of the target distribution t from the output y (Kullback & Leibler 1951).
///
/// As in Keras, both are clipped to [1e-7, 1], and the gradient is 0 outside of this range. PyTorch's `KLDivLoss` takes ln y
/// and clips nothing.
///
/// ```
/// use baregrad::losses::{KlDivergence, Loss};
/// assert_eq!(KlDivergence.value(&[0.25, 0.75], &[0.25, 0.75]), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct KlDivergence;

#[inline(always)]
fn clip<V: Lanes>(p: V) -> V {
    p.max(p.splat(CLIP)).min(p.splat(1.0))
}

/// t ln(t / y).
struct Term;

impl Zip for Term {
    #[inline(always)]
    fn zip<V: Lanes>(&self, y: V, t: V) -> V {
        let t = clip(t);
        t * math::ln(t / clip(y))
    }
}

/// −t / y times a scale.
struct Slope(f32);

impl Zip for Slope {
    #[inline(always)]
    fn zip<V: Lanes>(&self, t: V, y: V) -> V {
        let (zero, one) = (t.splat(0.0), t.splat(1.0));
        let slope = clip(t) * t.splat(-self.0) / y;
        y.if_less(t.splat(CLIP), zero, one.if_less(y, zero, slope))
    }
}

impl<const N: usize> Loss<[f32; N], [f32; N]> for KlDivergence {
    const NAME: &'static str = "kl_divergence";

    #[inline(always)]
    fn value(&self, y: &[f32; N], target: &[f32; N]) -> f32 {
        reduce::sum(&Term, y, target)
    }

    #[inline(always)]
    fn gradient(&self, y: &[f32; N], target: &[f32; N], scale: f32, dy: &mut [f32; N]) -> f32 {
        *dy = *y;
        elementwise::zip(&Slope(scale), target, dy);
        self.value(y, target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::widths;

    #[test]
    fn all_widths_give_the_same_bits() {
        widths::sum(&Term);
        widths::zip(&Slope(0.7));
    }
}
