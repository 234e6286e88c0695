//! Optimisers, one per file. Each is a rule for one weight, written once over [`Lanes`].
//!
//! To add one, write a file with its rule, a line here, and an entry in `tests/common/catalogue`.

use crate::kernels::Lanes;
use crate::kernels::update::{flush, flush_square};
pub use crate::tensor::{Count, FreeRate, Gradient, MomentLanes, Moments, MomentsOf, Optimizer, update};

/// Implements [`Default`] with Keras' learning rate.
macro_rules! default_rate {
    ($Optimizer:ident = $rate:expr) => {
        impl Default for $Optimizer {
            fn default() -> Self {
                Self::new($rate)
            }
        }
    };
}

mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod amsgrad;
mod correction;
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

/// Moves a running mean towards `x`, by a share of the difference.
#[inline(always)]
fn follow<V: Lanes>(mean: V, x: V, share: f32) -> V {
    flush((x - mean).mul_add(mean.splat(share), mean))
}

/// Does the same for `x²`. A finite gradient may have an infinite square, which would stay for ever.
#[inline(always)]
fn follow_square<V: Lanes>(mean: V, x: V, share: f32) -> V {
    flush_square((x * x - mean).mul_add(mean.splat(share), mean).min(mean.splat(f32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clipping::ClipValue;
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
        let mut decayed = WeightDecay::of(CoupledWeightDecay::of(ClipValue::new(Sgd::default(), 0.5), 0.1), 0.2);
        decayed.begin_step();
        widths::update(&decayed);
    }
}
