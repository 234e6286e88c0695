//! All trainable weights of any net as one list, in the order in which an optimiser sees them.

use baregrad::optimizers::Moments;
use baregrad::prelude::*;
use baregrad::tensor::{Floats, Zero};
use baregrad::{Lanes, Params};

/// Copies each weight into its moment, or the other way round.
struct Copy {
    into_moment: bool,
}

impl Optimizer for Copy {
    const NAME: &'static str = "copy";
    type Moments = Moments<1>;
    type Numbers = ();
    fn numbers(&self) {}
    fn set_numbers(&mut self, (): &()) {}
    fn learning_rate(&self) -> f32 {
        0.0
    }
    fn set_learning_rate(&mut self, _: f32) {}
    fn apply<V: Lanes>(&self, w: V, _: V, [m]: &mut [V; 1]) -> V {
        if self.into_moment {
            *m = w;
        }
        *m
    }
}

/// The trainable weights.
pub fn read<P: Params>(net: &mut P) -> Vec<f32> {
    let mut state: P::State<Copy> = Zero::ZERO;
    net.apply(&Zero::ZERO, &mut state, &Copy { into_moment: true });
    read_gradient(&state)
}

/// A gradient, in the order of [`read`].
pub fn read_gradient(grad: &impl Floats) -> Vec<f32> {
    let mut all = Vec::new();
    grad.walk(&mut |slice| all.extend(slice));
    all
}

/// Sets the trainable weights.
pub fn write<P: Params>(net: &mut P, values: &[f32]) {
    assert_eq!(values.len(), P::TRAINABLE);
    let (mut state, mut values): (P::State<Copy>, _) = (Zero::ZERO, values);
    state.walk_mut(&mut |slice| {
        let (front, rest) = values.split_at(slice.len());
        slice.copy_from_slice(front);
        values = rest;
    });
    net.apply(&Zero::ZERO, &mut state, &Copy { into_moment: false });
}

/// A layer whose weights are all random, those of frozen layers and biases, gains and statistics too.
pub fn random<P: Params>(seed: u64) -> P {
    let mut layer = P::NEW;
    layer.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed));
    let mut shifts = super::numbers::uniform(P::COUNT, -0.4, 0.4, seed + 1).into_iter();
    layer.tensors_mut(0, &mut |_, values| values.iter_mut().zip(&mut shifts).for_each(|(w, shift)| *w += shift));
    layer
}

/// All weights, in the order of the tensors.
pub fn all<P: Params>(net: &P) -> Vec<f32> {
    let mut all = Vec::new();
    net.tensors(0, &mut |_, values| all.extend(values));
    all
}
