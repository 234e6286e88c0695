//! The passes of a layer. Nothing else in the tests calls a layer's parts, so that a change of their contract ends here.

use super::numbers::bits;
use super::weights;
use baregrad::net::{End, Layer, Mode};
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Zero};

/// Inference in exactly as much work space as the layer asks for, whatever lies there.
pub fn infer<X: Tensor, L: Layer<X>>(layer: &L, x: &[X]) -> Vec<L::Y> {
    let mut y = vec![L::Y::ZERO; x.len()];
    layer.infer(x, &mut y, &mut vec![f32::NAN; x.len() * L::WORK]);
    y
}

/// Inference of samples that lie at an end of the work space.
pub fn infer_within<X: Tensor, L: Layer<X>>(layer: &L, x: &[X], end: End) -> Vec<L::Y> {
    let mut work = vec![f32::NAN; x.len() * L::WORK_WITH_X];
    end.split::<X>(&mut work, x.len()).0.copy_from_slice(x);
    let mut y = vec![L::Y::ZERO; x.len()];
    layer.infer_within(end, &mut y, &mut work);
    y
}

/// The output of a pass forward.
pub fn forward<const B: usize, X: Tensor, L: Layer<X>>(layer: &L, x: &[X], mode: Mode<'_>) -> Vec<L::Y> {
    let mut trace = Box::new(L::Trace::<B>::ZERO);
    let mut y = vec![L::Y::ZERO; x.len()];
    layer.forward::<B>(x, &mut y, &mut trace, mode);
    y
}

/// What a batch leaves.
pub struct Passed<X, Y> {
    pub y: Vec<Y>,
    /// Zeros if it was not asked for.
    pub dx: Vec<X>,
    /// With the penalties of the weights.
    pub gradient: Vec<f32>,
    /// After it was added once more.
    pub twice: Vec<f32>,
}

/// Forward, backward and the gradient of the weights; `set_dy` makes `dy` of `y`.
pub fn train<const B: usize, X: Tensor, L: Layer<X>>(
    layer: &L,
    x: &[X],
    mode: Mode<'_>,
    wants_dx: bool,
    set_dy: impl FnOnce(&[L::Y], &mut [L::Y]),
) -> Passed<X, L::Y> {
    let mut trace = Box::new(L::Trace::<B>::ZERO);
    let mut y = vec![L::Y::ZERO; x.len()];
    let (mut dy, mut dx) = (y.clone(), vec![X::ZERO; x.len()]);
    let mut grad = L::Grad::ZERO;
    layer.forward::<B>(x, &mut y, &mut trace, mode);
    set_dy(&y, &mut dy);
    layer.backward::<B>(x, &y, &mut trace, &mut dy, wants_dx.then_some(&mut dx));
    let [gradient, twice] = [(); 2].map(|()| {
        layer.gradient::<B>(x, &trace, &dy, &mut grad);
        layer.penalty_gradient(&mut grad);
        weights::read_gradient(&grad)
    });
    Passed { y, dx, gradient, twice }
}

/// All weights after a step of Adam, with and without a stored gradient.
pub fn step<const B: usize, X: Tensor, L: Layer<X>>(layer: &mut L, x: &[X], dy: &[L::Y], direct: bool) -> Vec<f32> {
    let mut trace = Box::new(L::Trace::<B>::ZERO);
    let (mut y, mut dy) = (vec![L::Y::ZERO; x.len()], dy.to_vec());
    let mut state = <L::State<Adam>>::ZERO;
    let mut adam = Adam::new(0.1);
    layer.forward::<B>(x, &mut y, &mut trace, Mode::Train(&mut Sfc32::seed_from_u64(9)));
    layer.backward::<B>(x, &y, &mut trace, &mut dy, None);
    adam.begin_step();
    if direct {
        layer.learn::<B, Adam>(x, &trace, &dy, &mut state, &adam);
    } else {
        let mut grad = L::Grad::ZERO;
        layer.gradient::<B>(x, &trace, &dy, &mut grad);
        layer.penalty_gradient(&mut grad);
        layer.apply(&grad, &mut state, &adam);
    }
    weights::all(layer)
}

/// Bits of `y`, `dx` and the gradient for `dy = y`, of a batch that passes whole or part by part.
pub fn whole_or_parts<const B: usize, X: Tensor, L: Layer<X>>(layer: &L, x: &[X], parts: bool) -> Vec<u32> {
    let mut rng = Sfc32::seed_from_u64(5);
    let mut trace = Box::new(L::Trace::<B>::ZERO);
    let (mut y, mut dx) = (vec![L::Y::ZERO; x.len()], vec![X::ZERO; x.len()]);
    let mut grad = L::Grad::ZERO;
    if parts {
        for part in 0..L::LAYERS {
            layer.forward_part::<B>(part, x, &mut y, &mut trace, Mode::Train(&mut rng));
        }
    } else {
        layer.forward::<B>(x, &mut y, &mut trace, Mode::Train(&mut rng));
    }
    let mut dy = y.clone();
    if parts {
        for part in (0..L::LAYERS).rev() {
            layer.backward_part::<B>(part, x, &y, &mut trace, &mut dy, Some(&mut dx), &mut grad);
        }
    } else {
        layer.backward::<B>(x, &y, &mut trace, &mut dy, Some(&mut dx));
        layer.gradient::<B>(x, &trace, &dy, &mut grad);
    }
    let all = [L::Y::flat_all(&y), X::flat_all(&dx), &weights::read_gradient(&grad)].concat();
    bits(&all)
}
