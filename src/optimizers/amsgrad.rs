use super::{Adam, Moments, Optimizer, follow, follow_square};
use crate::kernels::{Lanes, root};
use crate::tensor::forward;

/// [`Adam`] that divides by the largest `v` so far (Reddi, Kale & Kumar 2018): `amsgrad=True` in Keras and PyTorch.
///
/// It stores three numbers per weight; Adam stores two.
///
/// ```
/// use baregrad::prelude::*;
/// type Model = Trainer<Dense<2, 1>, MeanSquaredError, AmsGrad, 1>;
/// const MODEL: Model = Trainer::untrained(MeanSquaredError, AmsGrad(Adam::pytorch(1e-3)));
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AmsGrad(pub Adam);

crate::tensor::zeros!(AmsGrad { 0 });
crate::tensor::free_rate!([] AmsGrad, 0);

impl Optimizer for AmsGrad {
    const NAME: &'static str = "amsgrad";
    /// m, v, and the largest v.
    type Moments = Moments<3>;
    type Numbers = <Adam as Optimizer>::Numbers;

    fn numbers(&self) -> Self::Numbers {
        self.0.numbers()
    }

    fn set_numbers(&mut self, numbers: &Self::Numbers) {
        self.0.set_numbers(numbers);
    }

    forward!(0: learning_rate, restart, begin_step);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, [m, v, largest]: &mut [V; 3]) -> V {
        *m = follow(*m, g, 1.0 - self.0.beta_1);
        *v = follow_square(*v, g, 1.0 - self.0.beta_2);
        *largest = (*largest).max(*v);
        w - *m * w.splat(self.0.rate) / (root::root(*largest) + w.splat(self.0.floor))
    }
}
