use super::{Gradient, Moments, Optimizer, correction::correction, flush, flush_square};
use crate::kernels::sqrt::instruction;
use crate::kernels::update;
use crate::kernels::{Lanes, root};
use crate::tensor::{Zero, numbers, zeros};

/// Adam (Kingma & Ba 2015): `m ← m + (1 − β₁)(g − m)`, `v ← v + (1 − β₂)(g² − v)`, then
///
/// * Keras: `w ← w − α m / (√v + ε)`, ε = 1e-7, with `α = lr √(1 − β₂ᵗ) / (1 − β₁ᵗ)`;
/// * PyTorch ([`Adam::pytorch`]): ε = 1e-8 is added after the bias correction, `√v / √(1 − β₂ᵗ) + ε`.
///
/// The relative errors of 1 − β₁ᵗ and 1 − β₂ᵗ are below 6e-5, for β up to 0.999999 and any number of steps.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adam {
    /// Learning rate.
    pub learning_rate: f32,
    /// β₁, the share of the mean that is kept.
    pub beta_1: f32,
    /// β₂, the share of the mean square that is kept.
    pub beta_2: f32,
    /// ε, which keeps the step finite.
    pub epsilon: f32,
    epsilon_after_correction: bool,
    /// The states of 1 − β₁ᵗ and 1 − β₂ᵗ after t steps; see [`correction`].
    correction_1: f32,
    correction_2: f32,
    /// α and ε of this step.
    pub(super) rate: f32,
    pub(super) floor: f32,
}

zeros! {
    Adam { learning_rate, beta_1, beta_2, epsilon, epsilon_after_correction, correction_1, correction_2, rate, floor }
}
crate::tensor::free_rate!([] Adam);

impl Adam {
    /// Keras' Adam with a learning rate.
    pub const fn new(learning_rate: f32) -> Self {
        Adam { learning_rate, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, ..Self::ZERO }
    }

    /// PyTorch's Adam with a learning rate.
    pub const fn pytorch(learning_rate: f32) -> Self {
        Adam { epsilon: 1e-8, epsilon_after_correction: true, ..Self::new(learning_rate) }
    }
}

default_rate!(Adam = 1e-3);

impl Optimizer for Adam {
    const NAME: &'static str = "adam";
    /// m and v.
    type Moments = Moments<2>;
    numbers!(learning_rate, beta_1, beta_2, epsilon, epsilon_after_correction; correction_1 = 0.0, correction_2 = 0.0);

    #[inline]
    fn begin_step(&mut self) {
        let mean = correction(&mut self.correction_1, self.beta_1);
        let root = Lanes::sqrt(correction(&mut self.correction_2, self.beta_2));
        self.rate = self.learning_rate * root / mean;
        self.floor = if self.epsilon_after_correction { self.epsilon * root } else { self.epsilon };
    }

    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut [V; 2]) -> V {
        // A finite gradient may have an infinite square, which would stay for ever.
        self.step(w, g, moments, |v| v.min(w.splat(f32::MAX)))
    }

    #[inline(always)]
    fn apply_tame<V: Lanes>(&self, w: V, g: V, moments: &mut [V; 2]) -> V {
        self.step(w, g, moments, |v| v)
    }

    #[inline(always)]
    fn pass(&self, w: &mut [f32], gradient: Gradient<'_>, moments: &mut [Option<&mut [f32]>]) -> bool {
        let Some(moments) = moments.first_chunk_mut() else { return false };
        let Adam { rate, floor, .. } = *self;
        let rule = update::Adam { share_1: 1.0 - self.beta_1, share_2: 1.0 - self.beta_2, rate, floor };
        instruction::adam(&rule, w, gradient, moments);
        true
    }
}

impl Adam {
    #[inline(always)]
    fn step<V: Lanes>(&self, w: V, g: V, [m, v]: &mut [V; 2], bound: impl Fn(V) -> V) -> V {
        let m_next = (g - *m).mul_add(w.splat(1.0 - self.beta_1), *m);
        let v_next = g.mul_add(g, -*v).mul_add(w.splat(1.0 - self.beta_2), *v);
        *m = flush(m_next);
        *v = flush_square(bound(v_next));
        // Flushing and bounding make no difference to the weight, so it need not wait for them.
        w - m_next * w.splat(self.rate) / (root::root(v_next) + w.splat(self.floor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::update;

    #[test]
    fn an_outlier_does_not_poison_the_moments() {
        let mut adam = Adam::default();
        let (mut w, mut moments) = ([1.0_f32], [[0.0; 1]; 2]);
        for g in [1e30, 1.0, 1.0] {
            adam.begin_step();
            update(&adam, &mut w, 0, &[g], &mut moments);
            assert!(w[0].is_finite() && moments.as_flattened().iter().all(|m| m.is_finite()), "after {g}");
        }
    }

    #[test]
    fn the_pass_without_vectors_gives_the_same_bits() {
        let mut adam = Adam::default();
        let (mut w, mut moments) = ([1.0_f32; 7], [[0.0; 7]; 2]);
        let (mut one_lane_w, mut one_lane_moments) = (w, moments);
        for step in 0..3 {
            adam.begin_step();
            let g: [f32; 7] = core::array::from_fn(|i| (i as f32 - 3.0) * 0.3 + step as f32 * 0.1);
            update(&adam, &mut w, 0, &g, &mut moments);
            let [m, v] = &mut one_lane_moments;
            assert!(adam.pass(&mut one_lane_w, (&g).into(), &mut [Some(m), Some(v)]));
        }
        assert_eq!((w, moments), (one_lane_w, one_lane_moments));
    }

    #[test]
    fn moments_of_a_dead_unit_become_zero() {
        let mut adam = Adam::default();
        let (mut w, mut moments) = ([1.0_f32], [[1e-37; 1], [1e-38; 1]]);
        for _ in 0..100 {
            adam.begin_step();
            update(&adam, &mut w, 0, &[0.0], &mut moments);
        }
        assert_eq!(moments, [[0.0], [0.0]]);
    }
}
