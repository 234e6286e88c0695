use super::{Moments, Optimizer};
use crate::kernels::Lanes;
use crate::tensor::{Architecture, numbers};

/// Gradient descent with momentum (Polyak 1964): `v ← μ v − lr g`, `w ← w + v`.
///
/// This is Keras' form, with the rate inside the velocity. PyTorch's form (`Momentum::pytorch`) has the rate outside:
/// `v ← μ v + g`, `w ← w − lr v`. The two differ once the rate changes.
pub type Momentum<const PYTORCH: bool = false> = Velocity<false, PYTORCH>;

/// Gradient descent with a velocity: [`Momentum`] and [`Nesterov`](super::Nesterov).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Velocity<const NESTEROV: bool, const PYTORCH: bool> {
    /// Learning rate.
    pub learning_rate: f32,
    /// μ, the share of the velocity that is kept.
    pub momentum: f32,
}

crate::tensor::zeros!(impl [const NESTEROV: bool, const PYTORCH: bool] Velocity<NESTEROV, PYTORCH> { learning_rate, momentum });
crate::tensor::free_rate!([const NESTEROV: bool, const PYTORCH: bool] Velocity<NESTEROV, PYTORCH>);

impl<const NESTEROV: bool> Velocity<NESTEROV, false> {
    /// With a learning rate and a momentum.
    pub const fn new(learning_rate: f32, momentum: f32) -> Self {
        Velocity { learning_rate, momentum }
    }
}

impl<const NESTEROV: bool> Velocity<NESTEROV, true> {
    /// PyTorch's form, with a learning rate and a momentum.
    pub const fn pytorch(learning_rate: f32, momentum: f32) -> Self {
        Velocity { learning_rate, momentum }
    }
}

impl<const NESTEROV: bool> Default for Velocity<NESTEROV, false> {
    fn default() -> Self {
        Self::new(0.01, 0.9)
    }
}

impl<const NESTEROV: bool, const PYTORCH: bool> Optimizer for Velocity<NESTEROV, PYTORCH> {
    const NAME: &'static str = if NESTEROV { "nesterov" } else { "momentum" };
    const KIND: Architecture = {
        let name = Architecture::layer(Self::NAME);
        if PYTORCH { name.word("pytorch") } else { name }
    };
    type Moments = Moments<1>;
    numbers!(learning_rate, momentum);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, [v]: &mut [V; 1]) -> V {
        let (rate, momentum) = (w.splat(-self.learning_rate), w.splat(self.momentum));
        let gradient = if const { PYTORCH } { g } else { g * rate };
        *v = (*v).mul_add(momentum, gradient);
        let step = if const { NESTEROV } { (*v).mul_add(momentum, gradient) } else { *v };
        if const { PYTORCH } { step.mul_add(rate, w) } else { w + step }
    }
}
