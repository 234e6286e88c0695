use super::{CLIP, Form, Logits, PointwiseLoss, Probabilities, unless_infinite};
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
        let one = y.splat(1.0);
        let p = y.max(y.splat(CLIP)).min(y.splat(1.0 - CLIP));
        let value = -(target.mul_add(math::ln(p), (one - target) * math::ln(one - p)));
        // The slope divides by 1e-7 or more.
        unless_infinite(value, target * y.splat(1e8))
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        let (low, high) = (y.splat(CLIP), y.splat(1.0 - CLIP));
        let slope = (y - target) / (y * (y.splat(1.0) - y));
        let zero = y.splat(0.0);
        y.if_less(low, zero, high.if_less(y, zero, slope))
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
