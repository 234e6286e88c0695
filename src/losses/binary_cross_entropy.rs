use super::{CLIP, Form, Logits, PointwiseLoss, Probabilities, unless_infinite};
use crate::kernels::elementwise::{self, Map};
use crate::kernels::{Lanes, math};
use core::marker::PhantomData;

/// Mean of −t ln p − (1 − t) ln(1 − p).
///
/// The default form takes probabilities and clips p to [1e-7, 1 − 1e-7], as Keras does. `BinaryCrossEntropy<Logits>` takes
/// z, where p = σ(z), and is exact for any z. (If a sigmoid comes last, Keras silently uses its logits. The two forms agree
/// up to |z| = 16; beyond that, only the form on logits still learns.)
///
/// ```
/// use baregrad::losses::{BinaryCrossEntropy, Logits, Loss};
/// let loss = BinaryCrossEntropy::<Logits>::default();
/// assert_eq!(loss.value(&[100.0], &[0.0]), 100.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BinaryCrossEntropy<F = Probabilities>(Form<F>);

crate::tensor::zeros!(impl [F: 'static] BinaryCrossEntropy<F> { 0 });

impl<F> BinaryCrossEntropy<F> {
    /// The same as `default`, but `const`: for a trainer in a `static`.
    pub const fn new() -> Self {
        BinaryCrossEntropy(PhantomData)
    }
}

impl<F> Default for BinaryCrossEntropy<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl PointwiseLoss for BinaryCrossEntropy<Probabilities> {
    const NAME: &'static str = "binary_cross_entropy";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        let p = clip(y);
        value(target, math::ln(p), math::ln(y.splat(1.0) - p))
    }

    // Both logarithms in one vector.
    #[inline(always)]
    fn single_value(&self, y: f32, target: f32) -> f32 {
        let p = clip(y);
        let [ln_p, ln_rest] = elementwise::two(&Ln, [p, 1.0 - p]);
        value(target, ln_p, ln_rest)
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        let slope = (y - target) / (y * (y.splat(1.0) - y));
        y.zero_if_less(y.splat(CLIP), y.splat(1.0 - CLIP).zero_if_less(y, slope))
    }
}

#[inline(always)]
fn clip<V: Lanes>(y: V) -> V {
    y.max(y.splat(CLIP)).min(y.splat(1.0 - CLIP))
}

/// The loss from both logarithms.
#[inline(always)]
fn value<V: Lanes>(target: V, ln_p: V, ln_rest: V) -> V {
    let value = -(target.mul_add(ln_p, (target.splat(1.0) - target) * ln_rest));
    // The slope divides by 1e-7 or more.
    unless_infinite(value, target * target.splat(1e8))
}

struct Ln;

impl Map for Ln {
    #[inline(always)]
    fn map<V: Lanes>(&self, x: V) -> V {
        math::ln(x)
    }
}

impl PointwiseLoss for BinaryCrossEntropy<Logits> {
    const NAME: &'static str = "binary_cross_entropy_with_logits";

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        math::softplus(y) - y * target
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        math::sigmoid(y) - target
    }
}
