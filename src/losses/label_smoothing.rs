use super::{
    BinaryCrossEntropy, CategoricalCrossEntropy, Class, ClassError, Loss, PointwiseLoss, SparseCategoricalCrossEntropy,
};
use crate::kernels::Lanes;
use crate::tensor::Zero;

/// A cross-entropy with smoothed targets (Szegedy et al. 2016): a target t becomes `(1 − s) t + s / n`, where n is the
/// number of classes (2 for [`BinaryCrossEntropy`]). It is the argument `label_smoothing` of Keras' losses and of PyTorch's
/// `CrossEntropyLoss`.
///
/// ```
/// use baregrad::prelude::*;
/// type Smooth = LabelSmoothing<CategoricalCrossEntropy<Logits>>;
/// type Model = Trainer<Dense<2, 3>, Smooth, Adam, 1>;
/// const MODEL: Model = Trainer::untrained(Smooth::new(CategoricalCrossEntropy::new(), 0.1), Adam::new(1e-3));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LabelSmoothing<L> {
    /// The cross-entropy.
    pub loss: L,
    /// s, the share of a target that is spread over all classes.
    pub smoothing: f32,
}

crate::tensor::zeros!(impl [L: Zero] LabelSmoothing<L> { loss, smoothing });

impl<L> LabelSmoothing<L> {
    /// Wraps a cross-entropy; `smoothing` is from 0 to 1.
    pub const fn new(loss: L, smoothing: f32) -> Self {
        LabelSmoothing { loss, smoothing }
    }

    #[inline(always)]
    fn toward_half<V: Lanes>(&self, target: V) -> V {
        target.mul_add(target.splat(1.0 - self.smoothing), target.splat(0.5 * self.smoothing))
    }

    fn smooth<const N: usize>(&self, target: &[f32; N]) -> [f32; N] {
        target.map(|t| t * (1.0 - self.smoothing) + self.smoothing / N as f32)
    }

    fn smooth_class<const N: usize>(&self, class: usize) -> [f32; N] {
        let mut target = [0.0; N];
        if let Some(right) = target.get_mut(class) {
            *right = 1.0;
        }
        self.smooth(&target)
    }
}

/// Smooths by 0.1.
impl<L: Default> Default for LabelSmoothing<L> {
    fn default() -> Self {
        Self::new(L::default(), 0.1)
    }
}

impl<F: 'static> PointwiseLoss for LabelSmoothing<BinaryCrossEntropy<F>>
where
    BinaryCrossEntropy<F>: PointwiseLoss,
{
    const NAME: &'static str = <BinaryCrossEntropy<F> as PointwiseLoss>::NAME;

    #[inline(always)]
    fn value<V: Lanes>(&self, y: V, target: V) -> V {
        PointwiseLoss::value(&self.loss, y, self.toward_half(target))
    }

    #[inline(always)]
    fn slope<V: Lanes>(&self, y: V, target: V) -> V {
        self.loss.slope(y, self.toward_half(target))
    }
}

impl<const N: usize, F: 'static> Loss<[f32; N], [f32; N]> for LabelSmoothing<CategoricalCrossEntropy<F>>
where
    CategoricalCrossEntropy<F>: Loss<[f32; N], [f32; N]>,
{
    const NAME: &'static str = CategoricalCrossEntropy::<F>::NAME;

    fn value(&self, y: &[f32; N], target: &[f32; N]) -> f32 {
        self.loss.value(y, &self.smooth(target))
    }

    fn gradient(&self, y: &[f32; N], target: &[f32; N], scale: f32, dy: &mut [f32; N]) -> f32 {
        self.loss.gradient(y, &self.smooth(target), scale, dy)
    }
}

/// For class numbers, as in PyTorch: equals [`CategoricalCrossEntropy`] with smoothed one-hot targets.
impl<const N: usize, F: 'static, C: Class> Loss<[f32; N], C> for LabelSmoothing<SparseCategoricalCrossEntropy<F>>
where
    SparseCategoricalCrossEntropy<F>: Loss<[f32; N], C>,
    CategoricalCrossEntropy<F>: Loss<[f32; N], [f32; N]>,
{
    const NAME: &'static str = SparseCategoricalCrossEntropy::<F>::NAME;

    fn check(&self, target: &C) -> Result<(), ClassError> {
        self.loss.check(target)
    }

    fn value(&self, y: &[f32; N], target: &C) -> f32 {
        CategoricalCrossEntropy::<F>::new().value(y, &self.smooth_class(target.class()))
    }

    fn gradient(&self, y: &[f32; N], target: &C, scale: f32, dy: &mut [f32; N]) -> f32 {
        CategoricalCrossEntropy::<F>::new().gradient(y, &self.smooth_class(target.class()), scale, dy)
    }
}
