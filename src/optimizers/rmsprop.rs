use super::{Moments, Optimizer, follow, follow_square};
use crate::kernels::{Lanes, root};
use crate::tensor::{Architecture, numbers};

/// RMSprop (Tieleman & Hinton 2012): `v ← ρ v + (1 − ρ) g²`, then
///
/// * Keras: `w ← w − lr g / √(v + ε)`, ρ = 0.9, ε = 1e-7;
/// * PyTorch ([`RmsProp::pytorch`]): `w ← w − lr g / (√v + ε)`, ρ = 0.99 (`alpha` there), ε = 1e-8.
///
/// There are two options. `CENTERED` subtracts the square of the mean gradient from v. A momentum accumulates the steps
/// in a velocity, with the rate inside (Keras) or outside (PyTorch). `MOMENTS` is the number of floats per weight that the
/// options need.
///
/// ```
/// use baregrad::prelude::*;
/// const SMALLEST: RmsProp = RmsProp::new(1e-3);
/// const LARGEST: RmsProp<3, true> = RmsProp::centered_with_momentum(1e-3, 0.9);
/// assert_eq!(size_of::<MomentsOf<RmsProp, [f32; 10]>>(), 40);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RmsProp<const MOMENTS: usize = 1, const CENTERED: bool = false> {
    /// Learning rate.
    pub learning_rate: f32,
    /// ρ, the share of the mean square that is kept.
    pub rho: f32,
    /// The share of the velocity that is kept, if there is a momentum.
    pub momentum: f32,
    /// ε, which keeps the step finite.
    pub epsilon: f32,
    pytorch: bool,
}

crate::tensor::zeros!(impl [const MOMENTS: usize, const CENTERED: bool] RmsProp<MOMENTS, CENTERED> {
    learning_rate, rho, momentum, epsilon, pytorch
});
crate::tensor::free_rate!([const MOMENTS: usize, const CENTERED: bool] RmsProp<MOMENTS, CENTERED>);

impl RmsProp {
    /// Keras' RMSprop with a learning rate.
    pub const fn new(learning_rate: f32) -> Self {
        Self::keras(learning_rate, 0.0)
    }
}

impl RmsProp<2> {
    /// With a momentum.
    pub const fn with_momentum(learning_rate: f32, momentum: f32) -> Self {
        Self::keras(learning_rate, momentum)
    }
}

impl RmsProp<2, true> {
    /// With the variance of the gradients instead of their mean square: Keras' `centered=True`.
    pub const fn centered(learning_rate: f32) -> Self {
        Self::keras(learning_rate, 0.0)
    }
}

impl RmsProp<3, true> {
    /// With the variance of the gradients and a momentum.
    pub const fn centered_with_momentum(learning_rate: f32, momentum: f32) -> Self {
        Self::keras(learning_rate, momentum)
    }
}

impl<const MOMENTS: usize, const CENTERED: bool> RmsProp<MOMENTS, CENTERED> {
    const fn keras(learning_rate: f32, momentum: f32) -> Self {
        RmsProp { learning_rate, rho: 0.9, momentum, epsilon: 1e-7, pytorch: false }
    }

    /// Sets PyTorch's definition, ρ and ε. The default rate there is 1e-2.
    pub const fn pytorch(self) -> Self {
        RmsProp { rho: 0.99, epsilon: 1e-8, pytorch: true, ..self }
    }
}

default_rate!(RmsProp = 1e-3);

impl<const MOMENTS: usize, const CENTERED: bool> Optimizer for RmsProp<MOMENTS, CENTERED> {
    const NAME: &'static str = "rmsprop";
    const KIND: Architecture = Architecture::layer(if CENTERED { "rmsprop centered" } else { "rmsprop" });
    /// v, then the mean gradient if centred, then the velocity if there is a momentum.
    type Moments = Moments<MOMENTS>;
    numbers!(learning_rate, rho, momentum, epsilon, pytorch);

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut [V; MOMENTS]) -> V {
        let (inside, after) = if self.pytorch { (0.0, self.epsilon) } else { (self.epsilon, 0.0) };
        let (within, outside) = if self.pytorch { (1.0, self.learning_rate) } else { (self.learning_rate, 1.0) };
        let mut moments = moments.iter_mut();
        let mut square = w.splat(0.0);
        if let Some(v) = moments.next() {
            *v = follow_square(*v, g, 1.0 - self.rho);
            square = *v;
        }
        if const { CENTERED }
            && let Some(mean) = moments.next()
        {
            *mean = follow(*mean, g, 1.0 - self.rho);
            // Rounding may make the difference slightly negative. ε is added after the bound, or the bound would swallow it.
            square = (square - *mean * *mean).max(w.splat(0.0));
        }
        let floored = (square + w.splat(inside)).min(w.splat(f32::MAX));
        let step = g * w.splat(within) / (root::root(floored) + w.splat(after));
        match moments.next() {
            None => w - step * w.splat(outside),
            Some(velocity) => {
                *velocity = (*velocity).mul_add(w.splat(self.momentum), step);
                w - *velocity * w.splat(outside)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::update;

    /// Makes steps of one weight from 0, with gradients whose variance goes to 0. Returns the longest step.
    fn longest<const M: usize, const CENTERED: bool>(rmsprop: &RmsProp<M, CENTERED>) -> f32 {
        let (mut moments, mut longest) = ([[0.0]; M], 0.0);
        for step in 0..1000 {
            let mut w = [0.0_f32];
            update(rmsprop, &mut w, 0, &[if step < 50 { 2.0 } else { 1.0 }], &mut moments);
            assert!(w[0].is_finite(), "step {step}");
            longest = w[0].abs().max(longest);
        }
        longest
    }

    #[test]
    fn a_variance_of_0_leaves_epsilon() {
        // lr · g / √ε and lr · g / ε.
        assert!((longest(&RmsProp::centered(1e-3)) - 3.162).abs() < 1e-3);
        assert!(longest(&RmsProp::centered(1e-3).pytorch()) <= 1.001e5);
        assert!(longest(&RmsProp::centered_with_momentum(1e-3, 0.9)) <= 10.0 * 3.163);
        assert!(longest(&RmsProp::centered_with_momentum(1e-3, 0.9).pytorch()) <= 1.001e6);
    }
}
