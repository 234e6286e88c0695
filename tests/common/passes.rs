//! The passes of a layer. Nothing else in the tests calls a layer's parts, so that a change of their contract ends here.

use super::numbers::bits;
use super::weights;
use baregrad::net::{Collector, End, IntoMemory, IntoWeights, Layer, Learner, Mode, Side, samples, samples_mut};
use baregrad::prelude::*;
use baregrad::tensor::{Flat, No, Tensor, Through, Want, Yes, Zero};

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
    layer.forward::<B, No>(x, &mut y, &mut trace, mode);
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

/// The buffers of a walk back.
struct Buffers<const B: usize, X: Tensor, L: Layer<X>, W: Want> {
    p: Box<L::P<B, W>>,
    q: Box<L::Q<B, W>>,
}

impl<const B: usize, X: Tensor, L: Layer<X>, W: Want> Buffers<B, X, L, W> {
    fn new(dy: &[L::Y]) -> Self {
        let mut buffers = Buffers::<B, X, L, W> { p: Box::new(Zero::ZERO), q: Box::new(Zero::ZERO) };
        samples_mut(buffers.p.flat(), dy.len()).copy_from_slice(dy);
        buffers
    }

    /// Zeros if it was not wanted.
    fn dx(&mut self, count: usize) -> Vec<X> {
        let from = L::Side::order(self.p.flat(), self.q.flat()).0;
        if W::YES { samples(from, count).to_vec() } else { vec![X::ZERO; count] }
    }
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

/// Forward, backward and the gradient of the weights; `set_dy` makes `dy` of `y`. `W`: whether `dx` is wanted.
pub fn train<const B: usize, W: Want, X: Tensor, L: Layer<X>>(
    layer: &L,
    x: &[X],
    mode: Mode<'_>,
    set_dy: impl FnOnce(&[L::Y], &mut [L::Y]),
) -> Passed<X, L::Y> {
    let mut trace = Box::new(L::Trace::<B, W>::ZERO);
    let mut y = vec![L::Y::ZERO; x.len()];
    let mut dy = y.clone();
    let mut grad = Box::new(L::Grad::ZERO);
    layer.forward::<B, W>(x, &mut y, &mut trace, mode);
    set_dy(&y, &mut dy);
    let mut dx = Vec::new();
    let [gradient, twice] = [(); 2].map(|()| {
        let mut buffers = Buffers::<B, X, L, W>::new(&dy);
        // The walk may use y as scratch.
        let at = Collector { net: layer, grad: &mut *grad };
        let result =
            L::walk::<B, W, IntoMemory>(at, x, &mut y.clone(), &mut trace, buffers.p.flat(), buffers.q.flat());
        result.expect("a finite gradient");
        layer.penalty_gradient(&mut grad);
        dx = buffers.dx(x.len());
        weights::read_gradient(&*grad)
    });
    Passed { y, dx, gradient, twice }
}

/// All weights after a step of Adam, with and without a stored gradient.
pub fn step<const B: usize, X: Tensor, L: Layer<X>>(layer: &mut L, x: &[X], dy: &[L::Y], direct: bool) -> Vec<f32> {
    let mut trace = Box::new(L::Trace::<B, No>::ZERO);
    let mut y = vec![L::Y::ZERO; x.len()];
    let mut state = <L::State<Adam>>::ZERO;
    let mut adam = Adam::new(0.1);
    layer.forward::<B, No>(x, &mut y, &mut trace, Mode::train(&mut Sfc32::seed_from_u64(9)));
    let mut buffers = Buffers::<B, X, L, No>::new(dy);
    let (p, q) = (buffers.p.flat(), buffers.q.flat());
    adam.begin_step();
    if direct {
        let at = Learner { net: layer, state: &mut state, optimizer: &adam };
        L::walk::<B, No, IntoWeights<Adam, true>>(at, x, &mut y, &mut trace, p, q).expect("a finite gradient");
    } else {
        let mut grad = L::Grad::ZERO;
        let at = Collector { net: layer, grad: &mut grad };
        L::walk::<B, No, IntoMemory>(at, x, &mut y, &mut trace, p, q).expect("a finite gradient");
        layer.penalty_gradient(&mut grad);
        layer.apply(&grad, &mut state, &adam);
    }
    weights::all(layer)
}

/// Bits of `y`, `dx` and the gradient for `dy = y`, of a batch that passes whole or part by part.
pub fn whole_or_parts<const B: usize, X: Tensor, L: Layer<X>>(layer: &L, x: &[X], parts: bool) -> Vec<u32> {
    let mut rng = Sfc32::seed_from_u64(5);
    let mut trace = Box::new(L::Trace::<B, Yes>::ZERO);
    let mut y = vec![L::Y::ZERO; x.len()];
    let mut grad = L::Grad::ZERO;
    if parts {
        for part in 0..L::LAYERS {
            layer.forward_part::<B, Yes>(part, x, &mut y, &mut trace, Mode::train(&mut rng));
        }
    } else {
        layer.forward::<B, Yes>(x, &mut y, &mut trace, Mode::train(&mut rng));
    }
    let mut buffers = Buffers::<B, X, L, Yes>::new(&y);
    let (p, q) = (buffers.p.flat(), buffers.q.flat());
    let mut scratch = y.clone();
    if parts {
        for part in (0..L::LAYERS).rev() {
            let at = Collector { net: layer, grad: &mut grad };
            let result = L::walk_part::<B, Yes, IntoMemory>(part, at, x, &mut scratch, &mut trace, p, q);
            result.expect("a finite gradient");
        }
    } else {
        let at = Collector { net: layer, grad: &mut grad };
        L::walk::<B, Yes, IntoMemory>(at, x, &mut scratch, &mut trace, p, q).expect("a finite gradient");
    }
    let dx = buffers.dx(x.len());
    let all = [L::Y::flat_all(&y), X::flat_all(&dx), &weights::read_gradient(&grad)].concat();
    bits(&all)
}
