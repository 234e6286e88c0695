//! The passes of a layer. Nothing else in the tests calls a layer's parts, so that a change of their contract ends here.

use super::numbers::{bits, tensors};
use super::weights;
use baregrad::net::{Collector, End, IntoMemory, IntoWeights, Layer, Learner, Mode, Part, Side, samples, samples_mut};
use baregrad::prelude::*;
use baregrad::tensor::{self, Flat, No, Tensor, Want, Yes, Zero};

// All of this is compiled for each layer and size. So the parts of a layer, which are inlined wherever they are called, are each
// called in one place; and nothing here takes a closure by its type, nor maps an array by one.

/// Whether a pass trains, and the random numbers if it does.
pub type Training = Option<u64>;

/// What the passes of at most `B` samples keep, in bytes.
pub struct Memory {
    pub trace: usize,
    /// Output of the net.
    pub y: usize,
    /// Buffers of the gradients of activations. The second one is the room of the pass forward, too.
    pub p: usize,
    pub q: usize,
}

impl Memory {
    pub fn bytes(&self) -> usize {
        self.trace + self.y + self.p + self.q
    }
}

/// What a trainer of the net keeps.
pub fn kept<const B: usize, N: Network>() -> Memory {
    kept_by::<B, N::Input, N>()
}

fn kept_by<const B: usize, X: Tensor, L: Layer<X>>() -> Memory {
    Memory {
        trace: size_of::<L::Trace<B, No>>(),
        y: size_of::<[L::Y; B]>(),
        p: size_of::<L::P<B, No>>(),
        q: size_of::<<L::Q<B, No> as Flat>::Or<L::Room<B, No>>>(),
    }
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

/// Inference of samples whose outputs are left at an end of the work space. They lie there, too, or elsewhere.
pub fn infer_into<X: Tensor, L: Layer<X>>(layer: &L, x: &[X], from: Option<End>) -> Vec<L::Y> {
    let mut work = vec![f32::NAN; x.len() * if from.is_some() { L::WORK_WITH_BOTH } else { L::WORK_WITH_Y }];
    let to = if let Some(end) = from {
        end.split::<X>(&mut work, x.len()).0.copy_from_slice(x);
        layer.infer_through(end, x.len(), &mut work)
    } else {
        layer.infer_into(x, &mut work)
    };
    to.split::<L::Y>(&mut work, x.len()).0.to_vec()
}

/// Makes `dy` of `y`.
pub type SetDy<'a, Y> = &'a dyn Fn(&[Y], &mut [Y]);

/// A pass through a layer: its buffers.
struct Through<const B: usize, W: Want, X: Tensor, L: Layer<X>> {
    trace: Box<L::Trace<B, W>>,
    y: Vec<L::Y>,
    p: Box<L::P<B, W>>,
    q: Box<<L::Q<B, W> as Flat>::Or<L::Room<B, W>>>,
}

impl<const B: usize, W: Want, X: Tensor, L: Layer<X>> Through<B, W, X, L> {
    /// In the trace that another batch has left, and in buffers of NaN: whoever adds where it must overwrite is found out.
    fn forward(layer: &L, x: &[X], training: Training) -> Self {
        let mut pass = Self {
            trace: Box::new(Zero::ZERO),
            y: vec![Zero::ZERO; x.len()],
            p: Box::new(Zero::ZERO),
            q: Box::new(Zero::ZERO),
        };
        pass.again(layer, &tensors(x.len(), 99), training.map(|seed| seed + 1));
        pass.again(layer, x, training);
        pass.p.flat().fill(f32::NAN);
        pass.q.flat().fill(f32::NAN);
        pass
    }

    fn again(&mut self, layer: &L, x: &[X], training: Training) {
        L::Y::flat_all_mut(&mut self.y).fill(f32::NAN);
        let mut rng = training.map(Sfc32::seed_from_u64);
        let mode = Mode::of(rng.as_mut()).with_room(self.q.flat());
        layer.forward::<B, W>(x, &mut self.y, &mut self.trace, mode);
    }

    fn set_dy(&mut self, set_dy: SetDy<L::Y>) {
        set_dy(&self.y, samples_mut(self.p.flat(), self.y.len()));
    }

    /// Adds to a gradient in memory.
    fn back(&mut self, layer: &L, x: &[X], grad: &mut L::Grad) {
        let (p, q) = (self.p.flat(), self.q.flat());
        let at = Collector { net: layer, grad, limit: f32::MAX };
        L::walk::<B, W, IntoMemory>(Part::ALL, at, x, &mut self.y, &mut self.trace, p, q).unwrap();
    }

    fn dx(&mut self, count: usize) -> Vec<X> {
        samples(L::Side::order(&*self.p.flat(), &*self.q.flat()).0, count).to_vec()
    }
}

/// The output of a pass forward.
pub fn forward<const B: usize, X: Tensor, L: Layer<X>>(layer: &L, x: &[X], training: Training) -> Vec<L::Y> {
    Through::<B, No, X, L>::forward(layer, x, training).y
}

/// The output of a pass forward from buffer to buffer, in which `x` may lie, too.
pub fn cross<const B: usize, X: Tensor, L: Layer<X>>(layer: &L, x: &[X], within: bool) -> Vec<L::Y> {
    // Room for `x` wherever it lies.
    let room = B * X::LEN + L::P::<B, tensor::Through>::LEN.max(L::Q::<B, tensor::Through>::LEN);
    let (mut p, mut q) = (vec![f32::NAN; room], vec![f32::NAN; room]);
    let mut held = Box::new(L::Held::<B>::ZERO);
    if within {
        samples_mut(L::Side::order(&mut *p, &mut *q).0, x.len()).copy_from_slice(x);
    }
    layer.cross::<B>((!within).then_some(x), x.len(), &mut p, &mut q, &mut held, Mode::infer());
    samples(&p, x.len()).to_vec()
}

/// A pass forward in training, after which moving means follow.
pub fn settle<const B: usize, X: Tensor, L: Layer<X>>(layer: &mut L, x: &[X]) {
    let pass = Through::<B, No, X, L>::forward(layer, x, Some(1));
    layer.settle(&L::statistics(&pass.trace));
}

/// What a batch leaves.
pub struct Passed<X, Y> {
    pub y: Vec<Y>,
    /// Empty if it was not asked for.
    pub dx: Vec<X>,
    /// With the penalties of the weights.
    pub gradient: Vec<f32>,
    /// After the same batch was added once more.
    pub twice: Vec<f32>,
}

/// Forward, backward and the gradient of the weights; `set_dy` makes `dy` of `y`. `W`: whether `dx` is wanted.
pub fn train<const B: usize, W: Want, X: Tensor, L: Layer<X>>(
    layer: &L,
    x: &[X],
    training: Training,
    set_dy: SetDy<L::Y>,
) -> Passed<X, L::Y> {
    let mut grad = Box::new(L::Grad::ZERO);
    let mut add = || {
        let mut pass = Through::<B, W, X, L>::forward(layer, x, training);
        let y = pass.y.clone();
        pass.set_dy(set_dy);
        pass.back(layer, x, &mut grad);
        layer.penalty_gradient(&mut grad);
        (pass, y, weights::read_gradient(&*grad))
    };
    let (.., gradient) = add();
    let (mut pass, y, twice) = add();
    let dx = if W::YES { pass.dx(x.len()) } else { Vec::new() };
    Passed { y, dx, gradient, twice }
}

/// The learning rate of [`step`].
pub const RATE: f32 = 0.1;

/// All weights after a step with momentum, with and without a stored gradient.
pub fn step<const B: usize, X: Tensor, L: Layer<X>>(layer: &mut L, x: &[X], dy: &[L::Y], direct: bool) -> Vec<f32> {
    let mut state = <L::State<Momentum>>::ZERO;
    let mut optimizer = Momentum::new(RATE, 0.9);
    let mut pass = Through::<B, No, X, L>::forward(layer, x, Some(9));
    pass.set_dy(&|_, to| to.copy_from_slice(dy));
    optimizer.begin_step();
    if direct {
        let (p, q) = (pass.p.flat(), pass.q.flat());
        let at = Learner { net: layer, state: &mut state, optimizer: &optimizer };
        L::walk::<B, No, IntoWeights<Momentum, true>>(Part::ALL, at, x, &mut pass.y, &mut pass.trace, p, q).unwrap();
    } else {
        let mut grad = L::Grad::ZERO;
        pass.back(layer, x, &mut grad);
        layer.penalty_gradient(&mut grad);
        layer.apply(&grad, &mut state, &optimizer);
    }
    layer.settle(&L::statistics(&pass.trace));
    weights::all(layer)
}

/// Bits of `y`, `dx` and the gradient for `dy = y`, of a batch that passes whole or part by part.
pub fn whole_or_parts<const B: usize, X: Tensor, L: Layer<X>>(layer: &L, x: &[X], parts: bool) -> Vec<u32> {
    let mut grad = L::Grad::ZERO;
    let mut pass = Through::<B, Yes, X, L>::forward(layer, x, Some(5));
    let y = if parts {
        let mut rng = Sfc32::seed_from_u64(5);
        pass.y.fill(Zero::ZERO);
        *pass.trace = Zero::ZERO;
        for part in 0..L::LAYERS {
            let mut mode = Mode::train(&mut rng).with_room(pass.q.flat());
            layer.forward::<B, Yes>(x, &mut pass.y, &mut pass.trace, mode.of_part(Part::only(part)));
        }
        let y = pass.y.clone();
        pass.set_dy(&|y, dy| dy.copy_from_slice(y));
        for part in (0..L::LAYERS).rev() {
            let (p, q) = (pass.p.flat(), pass.q.flat());
            let at = Collector { net: layer, grad: &mut grad, limit: f32::MAX };
            L::walk::<B, Yes, IntoMemory>(Part::only(part), at, x, &mut pass.y, &mut pass.trace, p, q).unwrap();
        }
        y
    } else {
        let y = pass.y.clone();
        pass.set_dy(&|y, dy| dy.copy_from_slice(y));
        pass.back(layer, x, &mut grad);
        y
    };
    let dx = pass.dx(x.len());
    let all = [L::Y::flat_all(&y), X::flat_all(&dx), &weights::read_gradient(&grad)].concat();
    bits(&all)
}
