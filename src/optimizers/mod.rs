//! Optimisers, one a file: a rule for one weight, written once over [`Lanes`].
//!
//! To add one: a file with its rule, a line here, and a line in the list of `tests/common/catalogue`.

use crate::kernels::Lanes;
pub use crate::kernels::update::Gradient;
use crate::kernels::update::{self, Rule};
use crate::tensor::Tensor;

mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod amsgrad;
mod coupled_weight_decay;
mod lion;
mod momentum;
mod nadam;
mod nesterov;
mod rmsprop;
mod sgd;
mod weight_decay;

pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use amsgrad::AmsGrad;
pub use coupled_weight_decay::CoupledWeightDecay;
pub use lion::Lion;
pub use momentum::Momentum;
pub use nadam::Nadam;
pub use nesterov::Nesterov;
pub use rmsprop::RmsProp;
pub use sgd::Sgd;
pub use weight_decay::WeightDecay;

pub use crate::tensor::Optimizer;

/// One pass of `rule` over the part of a tensor and of its moments that `grad` belongs to.
#[inline(always)]
fn pass<T: Tensor, const M: usize, R: Rule<M>>(
    rule: &R,
    w: &mut T,
    from: usize,
    grad: Gradient<'_>,
    moments: [&mut T; M],
) {
    let end = from + grad.count();
    update::update(
        rule,
        w.flat_mut().get_mut(from..end).unwrap_or_default(),
        grad,
        moments.map(|m| m.flat_mut().get_mut(from..end).unwrap_or_default()),
    );
}

/// What is done to a weight and its gradient before an optimiser's rule sees them, in the same pass.
pub trait Before: Copy {
    /// The new weight and the new gradient.
    fn before<V: Lanes>(&self, w: V, g: V) -> [V; 2];
}

/// An optimiser whose pass can do something else [before](Before) its own rule.
pub trait FusedUpdate: Optimizer {
    /// As [`Optimizer::update`], after `before`.
    fn update_after<'g, T: Tensor>(
        &self,
        before: impl Before,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        moments: &mut Self::Moments<T>,
    );
}

/// A rule after something else. It holds copies, so that a compact kernel finds all numbers in one place.
struct After<B, R>(B, R);

impl<const M: usize, B: Before, R: Rule<M>> Rule<M> for After<B, R> {
    #[inline(always)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut [V; M]) -> V {
        let [w, g] = self.0.before(w, g);
        self.1.apply(w, g, moments)
    }
}

/// Two things before a rule.
#[derive(Clone, Copy)]
struct Both<A, B>(A, B);

impl<A: Before, B: Before> Before for Both<A, B> {
    #[inline(always)]
    fn before<V: Lanes>(&self, w: V, g: V) -> [V; 2] {
        let [w, g] = self.0.before(w, g);
        self.1.before(w, g)
    }
}

/// A running mean that takes in a share of `x`.
#[inline(always)]
fn follow<V: Lanes>(mean: V, x: V, share: f32) -> V {
    adam::flush((x - mean).mul_add(V::splat(share), mean))
}

/// The same of `x²`. A finite gradient may have an infinite square, which would stay for ever.
#[inline(always)]
fn follow_square<V: Lanes>(mean: V, x: V, share: f32) -> V {
    adam::flush((x * x - mean).mul_add(V::splat(share), mean).min(V::splat(f32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::widths;

    #[test]
    fn all_widths_give_the_same_bits() {
        for mut adam in [Adam::default(), Adam::pytorch(1e-3)] {
            adam.begin_step();
            widths::update(&adam);
        }
        widths::update(&Adagrad::default());
        widths::update(&Adagrad::pytorch(0.01));
        for mut adamax in [Adamax::default(), Adamax::pytorch(2e-3)] {
            adamax.begin_step();
            widths::update(&adamax);
        }
        let mut amsgrad = AmsGrad::default();
        amsgrad.begin_step();
        widths::update(&amsgrad);
        widths::update(&Lion::default());
        widths::update(&Momentum::default());
        widths::update(&Momentum::pytorch(0.01, 0.9));
        for mut nadam in [Nadam::default(), Nadam::pytorch(2e-3)] {
            nadam.begin_step();
            widths::update(&nadam);
        }
        widths::update(&Nesterov::default());
        widths::update(&Nesterov::pytorch(0.01, 0.9));
        widths::update(&RmsProp::default());
        widths::update(&RmsProp::with_momentum(1e-3, 0.9).pytorch());
        widths::update(&RmsProp::centered(1e-3));
        widths::update(&RmsProp::centered_with_momentum(1e-3, 0.9));
        widths::update(&Sgd::default());
        widths::update(&After(weight_decay::Keep(0.9), Sgd::default()));
        widths::update(&After(coupled_weight_decay::Pull(0.1), Sgd::default()));
    }
}
