use super::{Moments, Optimizer};
use crate::kernels::Lanes;
use crate::tensor::numbers;

/// Plain gradient descent, `w ← w − lr · g`. Keras' default rate is 0.01.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sgd {
    /// Learning rate.
    pub learning_rate: f32,
}

crate::tensor::zeros!(Sgd { learning_rate });
crate::tensor::free_rate!([] Sgd);

impl Sgd {
    /// With a learning rate.
    pub const fn new(learning_rate: f32) -> Self {
        Sgd { learning_rate }
    }
}

default_rate!(Sgd = 0.01);

impl Optimizer for Sgd {
    const NAME: &'static str = "sgd";
    type Moments = Moments<0>;
    numbers!(learning_rate);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, []: &mut [V; 0]) -> V {
        g.mul_add(w.splat(-self.learning_rate), w)
    }
}
