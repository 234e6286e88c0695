//! Optimisers, one a file: a rule for one weight, written once over [`Lanes`](crate::Lanes).
//!
//! To add one: a file with its rule, a line here, and a line in the list of `tests/common/catalogue.rs`.

use crate::buffer::{Buffer, Floats};
pub use crate::kernels::update::Gradient;
use crate::kernels::update::{self, Rule};

mod adam;
mod momentum;
mod nesterov;
mod sgd;

pub use adam::Adam;
pub use momentum::Momentum;
pub use nesterov::Nesterov;
pub use sgd::Sgd;

/// Changes weights along their gradient.
pub trait Optimizer: 'static {
    /// Keras' name of it.
    const NAME: &'static str;
    /// What it remembers of a tensor `T`: `()`, `T`, or an array of `T`.
    type Moments<T: Buffer>: Floats;
    /// Its own numbers: rates, and what depends on the steps so far. A checkpoint has them beside the moments.
    type Numbers: Floats;

    /// All its numbers.
    fn numbers(&self) -> Self::Numbers;

    /// Goes on from such numbers.
    fn set_numbers(&mut self, numbers: &Self::Numbers);

    /// Whether it must see the whole gradient before any weight moves, so that this must be in memory.
    const WHOLE_GRADIENT: bool = false;

    /// The learning rate.
    fn learning_rate(&self) -> f32;

    /// Sets the learning rate of the steps to come.
    fn set_learning_rate(&mut self, rate: f32);

    /// Begins a step: called once, before the first `update`.
    fn begin_step(&mut self);

    /// Sees the whole gradient, and may change it, if it is in memory: between `begin_step` and the first `update`.
    #[inline(always)]
    fn prepare<G: Floats>(&mut self, grad: &mut G) {
        let _ = grad;
    }

    /// Moves the weights of `w` from flat index `from` on, as many as `grad` has values.
    fn update<'g, T: Buffer>(
        &self,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        moments: &mut Self::Moments<T>,
    );
}

/// One pass of `rule` over the part of a tensor and of its moments that `grad` belongs to.
#[inline(always)]
fn pass<T: Buffer, const M: usize, R: Rule<M>>(
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
        widths::update(&Momentum::default());
        widths::update(&Nesterov::default());
        widths::update(&Sgd::default());
    }
}
