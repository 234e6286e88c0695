use super::{Class, ClassError, Loss, checked};
use crate::tensor::Tensor;
use crate::tensor::Zero;

/// Any loss, multiplied by a weight of the target's class: Keras' `fit(class_weight={0: …, 1: …})`.
///
/// As in Keras, the mean over a batch divides by the number of samples; PyTorch's `weight=` divides by the sum of the
/// weights. The weights count in training alone: [`Trainer::evaluate`](crate::Trainer::evaluate) and the validation loss do
/// not have them. A net with one output has two classes: a target above ½ is class 1.
///
/// ```
/// use baregrad::prelude::*;
/// // Positive samples are rare: each counts nine times.
/// type Weighted = ClassWeighted<BinaryCrossEntropy<Logits>, 2>;
/// type Model = Trainer<Dense<4, 1>, Weighted, Adam, 8>;
/// const MODEL: Model =
///     Trainer::untrained(Weighted::new(BinaryCrossEntropy::new(), [1.0, 9.0]), Adam::new(1e-3));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ClassWeighted<L, const CLASSES: usize> {
    /// The loss.
    pub loss: L,
    /// The weight of each class.
    pub weights: [f32; CLASSES],
}

crate::tensor::zeros!(impl [L: Zero, const CLASSES: usize] ClassWeighted<L, CLASSES> { loss, weights });

impl<L, const CLASSES: usize> ClassWeighted<L, CLASSES> {
    /// Wraps a loss, with one weight per class.
    pub const fn new(loss: L, weights: [f32; CLASSES]) -> Self {
        ClassWeighted { loss, weights }
    }

    /// The weight of the target's class. A class without a weight gives NaN, so that the mistake shows in the loss.
    fn weight(&self, target: &impl Class) -> f32 {
        self.weights.get(target.label()).copied().unwrap_or(f32::NAN)
    }
}

/// Weights all classes by 1.
impl<L: Default, const CLASSES: usize> Default for ClassWeighted<L, CLASSES> {
    fn default() -> Self {
        Self::new(L::default(), [1.0; CLASSES])
    }
}

impl<Y: Tensor, T: Class, L: Loss<Y, T>, const CLASSES: usize> Loss<Y, T> for ClassWeighted<L, CLASSES> {
    const NAME: &'static str = L::NAME;

    fn check(&self, target: &T) -> Result<(), ClassError> {
        self.loss.check(target)?;
        let class = target.label();
        if class < CLASSES { Ok(()) } else { Err(ClassError::NoWeight { class, weights: CLASSES }) }
    }

    #[inline(always)]
    fn value(&self, y: &Y, target: &T) -> f32 {
        self.weight(target) * self.loss.value(y, target)
    }

    #[inline(always)]
    fn evaluation(&self, y: &Y, target: &T) -> f32 {
        self.loss.evaluation(y, target)
    }

    #[inline(always)]
    fn gradient(&self, y: &Y, target: &T, scale: f32, dy: &mut Y) -> f32 {
        let weight = self.weight(target);
        let value = weight * self.loss.gradient(y, target, weight * scale, dy);
        checked(value, dy.flat())
    }
}
