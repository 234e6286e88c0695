//! Optimisers, one a file: a rule for one weight, written once over [`Lanes`].
//!
//! To add one: a file with its rule, a line here, and a line in the list of `tests/common/catalogue`.

use crate::kernels::Lanes;
pub use crate::tensor::{Count, Gradient, MomentLanes, Moments, MomentsOf, Optimizer, update};

/// An optimiser's numbers and its learning rate. `numbers!(learning_rate, momentum)` are these fields: floats, and flags as 0
/// or 1. `numbers!(limit; of optimizer)` are those of the inner optimiser, and one more.
#[rustfmt::skip]
macro_rules! numbers {
    ($($field:ident),+) => {
        type Numbers = [f32; [$(stringify!($field)),+].len()];
        fn numbers(&self) -> Self::Numbers { [$(f32::from(self.$field)),+] }
        fn set_numbers(&mut self, &[$($field),+]: &Self::Numbers) {
            $(crate::optimizers::Number::set(&mut self.$field, $field);)+
        }
        #[inline] fn learning_rate(&self) -> f32 { self.learning_rate }
        fn set_learning_rate(&mut self, rate: f32) { self.learning_rate = rate; }
    };
    ($field:ident; of $inner:ident) => {
        type Numbers = (O::Numbers, f32);
        fn numbers(&self) -> Self::Numbers { (self.$inner.numbers(), self.$field) }
        fn set_numbers(&mut self, (inner, own): &Self::Numbers) { self.$inner.set_numbers(inner); self.$field = *own; }
        crate::optimizers::forward!($inner: learning_rate);
    };
}
pub(crate) use numbers;

/// Methods that do what those of the inner optimiser do: `forward!(optimizer: learning_rate, begin_step, prepare, apply)`.
#[rustfmt::skip]
macro_rules! forward {
    ($inner:tt: $($method:ident),+) => { $(crate::optimizers::forward!(@$method $inner);)+ };
    (@learning_rate $inner:tt) => {
        #[inline] fn learning_rate(&self) -> f32 { self.$inner.learning_rate() }
        fn set_learning_rate(&mut self, rate: f32) { self.$inner.set_learning_rate(rate); }
    };
    (@begin_step $inner:tt) => { #[inline] fn begin_step(&mut self) { self.$inner.begin_step(); } };
    (@prepare $inner:tt) => { #[inline(always)] fn prepare<G: Floats>(&mut self, grad: &mut G) { self.$inner.prepare(grad); } };
    (@apply $inner:tt) => {
        #[inline(always)]
        fn apply<V: Lanes>(&self, w: V, g: V, m: &mut MomentLanes<O, V>) -> V { self.$inner.apply(w, g, m) }
        #[inline(always)]
        fn apply_tame<V: Lanes>(&self, w: V, g: V, m: &mut MomentLanes<O, V>) -> V { self.$inner.apply_tame(w, g, m) }
    };
}
pub(crate) use forward;

/// A field that is a number of an optimiser.
trait Number {
    fn set(&mut self, number: f32);
}

impl Number for f32 {
    fn set(&mut self, number: f32) {
        *self = number;
    }
}

impl Number for bool {
    fn set(&mut self, number: f32) {
        *self = number != 0.0;
    }
}

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
