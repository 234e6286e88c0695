//! The passes of a layer. Nothing else in the tests calls a layer's parts, so that a change of their contract ends here.

use super::numbers::bits;
use super::weights;
use baregrad::net::{
    Collector, Destination, End, IntoMemory, IntoWeights, Layer, Learner, Mode, Side, samples, samples_mut,
};
use baregrad::prelude::*;
use baregrad::tensor::{Flat, No, Tensor, Through, Want, Yes, Zero};

// The parts of a layer are inlined wherever they are called. Each is called in one place here, so that it is compiled once.

fn fore<const B: usize, W: Want, X: Tensor, L: Layer<X>>(
    layer: &L,
    x: &[X],
    y: &mut [L::Y],
    trace: &mut L::Trace<B, W>,
    mode: Mode<'_>,
) {
    layer.forward::<B, W>(x, y, trace, mode);
}

/// The walk back from `dy`, and its `dx`: zeros if it was not wanted. `y` stays: the walk may use its own as scratch.
fn back<const B: usize, W: Want, D: Destination, X: Tensor, L: Layer<X>>(
    at: D::At<'_, L>,
    x: &[X],
    y: &[L::Y],
    trace: &mut L::Trace<B, W>,
    dy: &[L::Y],
) -> Vec<X> {
    let (mut p, mut q) = buffers::<B, W, X, L>(dy);
    L::walk::<B, W, D>(at, x, &mut y.to_vec(), trace, p.flat(), q.flat()).expect("a finite gradient");
    dx::<B, W, X, L>(&mut p, &mut q, x.len())
}

type Buffers<const B: usize, W, X, L> = (Box<<L as Layer<X>>::P<B, W>>, Box<<L as Layer<X>>::Q<B, W>>);

/// The buffers of a walk back that begins with `dy`.
fn buffers<const B: usize, W: Want, X: Tensor, L: Layer<X>>(dy: &[L::Y]) -> Buffers<B, W, X, L> {
    let (mut p, q) = (Box::new(L::P::<B, W>::ZERO), Box::new(L::Q::<B, W>::ZERO));
    samples_mut(p.flat(), dy.len()).copy_from_slice(dy);
    (p, q)
}

fn dx<const B: usize, W: Want, X: Tensor, L: Layer<X>>(p: &mut L::P<B, W>, q: &mut L::Q<B, W>, count: usize) -> Vec<X> {
    if W::YES { samples(L::Side::order(p.flat(), q.flat()).0, count).to_vec() } else { vec![X::ZERO; count] }
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
    let mut trace = Box::new(L::Trace::<B, No>::ZERO);
    let mut y = vec![L::Y::ZERO; x.len()];
    fore::<B, No, X, L>(layer, x, &mut y, &mut trace, mode);
    y
}

/// The output of a pass forward from buffer to buffer, in which `x` may lie, too.
pub fn cross<const B: usize, X: Tensor, L: Layer<X>>(layer: &L, x: &[X], within: bool, mode: Mode<'_>) -> Vec<L::Y> {
    // Room for `x` wherever it lies.
    let room = B * X::LEN.max(L::P::<B, Through>::LEN).max(L::Q::<B, Through>::LEN);
    let (mut p, mut q) = (vec![f32::NAN; room], vec![f32::NAN; room]);
    let mut held = Box::new(L::Held::<B>::ZERO);
    if within {
        samples_mut(L::Side::order(&mut p, &mut q).0, x.len()).copy_from_slice(x);
    }
    layer.cross::<B>(None, (!within).then_some(x), x.len(), &mut p, &mut q, &mut held, mode);
    samples(&p, x.len()).to_vec()
}

/// What a batch leaves.
pub struct Passed<X, Y> {
    pub y: Vec<Y>,
    /// Zeros if it was not wanted.
    pub dx: Vec<X>,
    /// With the penalties of the weights.
    pub gradient: Vec<f32>,
    /// After it was added once more.
    pub twice: Vec<f32>,
}

/// Forward, backward and the gradient of the weights; `set_dy` makes `dy` of `y`. `W`: whether `dx` is wanted. Without random
/// numbers the pass forward is that of inference.
pub fn train<const B: usize, W: Want, X: Tensor, L: Layer<X>>(
    layer: &L,
    x: &[X],
    rng: Option<Sfc32>,
    set_dy: impl FnOnce(&[L::Y], &mut [L::Y]),
) -> Passed<X, L::Y> {
    let mut trace = Box::new(L::Trace::<B, W>::ZERO);
    let mut y = vec![L::Y::ZERO; x.len()];
    let mut dy = y.clone();
    let mut grad = Box::new(L::Grad::ZERO);
    fore::<B, W, X, L>(layer, x, &mut y, &mut trace, Mode::of(rng.clone().as_mut()));
    set_dy(&y, &mut dy);
    let mut add = |trace: &mut L::Trace<B, W>, y: &[L::Y]| {
        let at = Collector { net: layer, grad: &mut *grad };
        let dx = back::<B, W, IntoMemory, X, L>(at, x, y, trace, &dy);
        layer.penalty_gradient(&mut grad);
        (dx, weights::read_gradient(&*grad))
    };
    let (dx, gradient) = add(&mut trace, &y);
    // A trace serves once.
    let mut again = y.clone();
    fore::<B, W, X, L>(layer, x, &mut again, &mut trace, Mode::of(rng.clone().as_mut()));
    let (_, twice) = add(&mut trace, &again);
    Passed { y, dx, gradient, twice }
}

/// All weights after a step with momentum, with and without a stored gradient.
pub fn step<const B: usize, X: Tensor, L: Layer<X>>(layer: &mut L, x: &[X], dy: &[L::Y], direct: bool) -> Vec<f32> {
    let mut trace = Box::new(L::Trace::<B, No>::ZERO);
    let mut y = vec![L::Y::ZERO; x.len()];
    let mut state = <L::State<Momentum>>::ZERO;
    let mut optimizer = Momentum::new(0.1, 0.9);
    fore::<B, No, X, L>(layer, x, &mut y, &mut trace, Mode::train(&mut Sfc32::seed_from_u64(9)));
    optimizer.begin_step();
    if direct {
        let at = Learner { net: &mut *layer, state: &mut state, optimizer: &optimizer };
        back::<B, No, IntoWeights<Momentum, true>, X, L>(at, x, &y, &mut trace, dy);
    } else {
        let mut grad = L::Grad::ZERO;
        let at = Collector { net: &*layer, grad: &mut grad };
        back::<B, No, IntoMemory, X, L>(at, x, &y, &mut trace, dy);
        layer.penalty_gradient(&mut grad);
        layer.apply(&grad, &mut state, &optimizer);
    }
    weights::all(layer)
}

/// Bits of `y`, `dx` and the gradient for `dy = y`, of a batch that passes whole or part by part.
pub fn whole_or_parts<const B: usize, X: Tensor, L: Layer<X>>(layer: &L, x: &[X], parts: bool) -> Vec<u32> {
    let mut rng = Sfc32::seed_from_u64(5);
    let mut trace = Box::new(L::Trace::<B, Yes>::ZERO);
    let mut y = vec![L::Y::ZERO; x.len()];
    let mut grad = L::Grad::ZERO;
    let of_x = if parts {
        for part in 0..L::LAYERS {
            layer.forward_part::<B, Yes>(part, x, &mut y, &mut trace, Mode::train(&mut rng));
        }
        let (mut p, mut q) = buffers::<B, Yes, X, L>(&y);
        let mut scratch = y.clone();
        for part in (0..L::LAYERS).rev() {
            let at = Collector { net: layer, grad: &mut grad };
            let (p, q) = (p.flat(), q.flat());
            let result = L::walk_part::<B, Yes, IntoMemory>(part, at, x, &mut scratch, &mut trace, p, q);
            result.expect("a finite gradient");
        }
        dx::<B, Yes, X, L>(&mut p, &mut q, x.len())
    } else {
        fore::<B, Yes, X, L>(layer, x, &mut y, &mut trace, Mode::train(&mut rng));
        let at = Collector { net: layer, grad: &mut grad };
        back::<B, Yes, IntoMemory, X, L>(at, x, &y.clone(), &mut trace, &y)
    };
    let all = [L::Y::flat_all(&y), X::flat_all(&of_x), &weights::read_gradient(&grad)].concat();
    bits(&all)
}
