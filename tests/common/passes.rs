//! The passes of a layer. Nothing else in the tests calls a layer's parts, so that a change of their contract ends here.

use super::numbers::bits;
use super::weights;
use baregrad::net::{End, Layer, Mode};
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Zero};

// The parts of a layer are inlined wherever they are called. Each is called in one place here, so that it is compiled once.

fn to_the_front<const B: usize, X: Tensor, L: Layer<X>>(
    layer: &L,
    x: &[X],
    y: &mut [L::Y],
    trace: &mut L::Trace<B>,
    mode: Mode<'_>,
) {
    layer.forward::<B>(x, y, trace, mode);
}

fn to_the_back<const B: usize, X: Tensor, L: Layer<X>>(
    layer: &L,
    x: &[X],
    y: &[L::Y],
    trace: &mut L::Trace<B>,
    dy: &mut [L::Y],
    dx: Option<&mut [X]>,
) {
    layer.backward::<B>(x, y, trace, dy, dx);
}

/// With that of the penalty.
fn add_gradient<const B: usize, X: Tensor, L: Layer<X>>(
    layer: &L,
    x: &[X],
    trace: &L::Trace<B>,
    dy: &[L::Y],
    grad: &mut L::Grad,
) {
    layer.gradient::<B>(x, trace, dy, grad);
    layer.penalty_gradient(grad);
}

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
    to_the_front::<B, X, L>(layer, x, &mut y, &mut trace, mode);
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
    to_the_front::<B, X, L>(layer, x, &mut y, &mut trace, mode);
    set_dy(&y, &mut dy);
    to_the_back::<B, X, L>(layer, x, &y, &mut trace, &mut dy, wants_dx.then_some(&mut dx));
    let [gradient, twice] = [(); 2].map(|()| {
        add_gradient::<B, X, L>(layer, x, &trace, &dy, &mut grad);
        weights::read_gradient(&grad)
    });
    Passed { y, dx, gradient, twice }
}

/// All weights after a step with momentum, with and without a stored gradient.
pub fn step<const B: usize, X: Tensor, L: Layer<X>>(layer: &mut L, x: &[X], dy: &[L::Y], direct: bool) -> Vec<f32> {
    let mut trace = Box::new(L::Trace::<B>::ZERO);
    let (mut y, mut dy) = (vec![L::Y::ZERO; x.len()], dy.to_vec());
    let mut state = <L::State<Momentum>>::ZERO;
    let mut optimizer = Momentum::new(0.1, 0.9);
    to_the_front::<B, X, L>(layer, x, &mut y, &mut trace, Mode::Train(&mut Sfc32::seed_from_u64(9)));
    to_the_back::<B, X, L>(layer, x, &y, &mut trace, &mut dy, None);
    optimizer.begin_step();
    if direct {
        layer.learn::<B, Momentum>(x, &trace, &dy, &mut state, &optimizer);
    } else {
        let mut grad = L::Grad::ZERO;
        add_gradient::<B, X, L>(layer, x, &trace, &dy, &mut grad);
        layer.apply(&grad, &mut state, &optimizer);
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
        to_the_front::<B, X, L>(layer, x, &mut y, &mut trace, Mode::Train(&mut rng));
    }
    let mut dy = y.clone();
    if parts {
        for part in (0..L::LAYERS).rev() {
            layer.backward_part::<B>(part, x, &y, &mut trace, &mut dy, Some(&mut dx), &mut grad);
        }
    } else {
        to_the_back::<B, X, L>(layer, x, &y, &mut trace, &mut dy, Some(&mut dx));
        layer.gradient::<B>(x, &trace, &dy, &mut grad);
    }
    let all = [L::Y::flat_all(&y), X::flat_all(&dx), &weights::read_gradient(&grad)].concat();
    bits(&all)
}
