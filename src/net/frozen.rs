use crate::net::LayerInfo;
use crate::net::{End, Layer, Mode, Network};
use crate::optimizers::Optimizer;
use crate::tensor::Architecture;
use crate::tensor::Tensor;
use crate::tensor::from_bytes::{Place, Stored};
use crate::tensor::init::Initializer;
use crate::tensor::{Params, TensorName};
use rand_core::Rng;

/// A layer or chain whose weights training leaves alone: no gradient, no moments. Keras' `trainable = False`.
///
/// ```
/// use baregrad::{prelude::*, layers::Frozen};
/// type Net = chain![Frozen<Dense<64, 32, Relu>>, Dense<32, 10>];
/// assert_eq!((Net::COUNT, Net::TRAINABLE), (2410, 330));
/// assert_eq!(size_of::<<Net as Params>::Grad>(), 330 * 4);
/// ```
pub struct Frozen<L>(pub L);

impl<L: Params> Params for Frozen<L> {
    const NEW: Self = Frozen(L::NEW);
    const COUNT: usize = L::COUNT;
    const TRAINABLE: usize = 0;
    const LAYERS: usize = L::LAYERS;
    const ARCHITECTURE: Architecture = L::ARCHITECTURE;
    type Grad = ();
    type State<O: Optimizer> = ();
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        self.0.init(initializer, rng);
    }
    fn apply<O: Optimizer>(&mut self, _: &(), _: &mut (), _: &O) {}
    #[inline(always)]
    fn penalty(&self) -> f32 {
        self.0.penalty()
    }
    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        self.0.tensors(first, visit);
    }
    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        self.0.tensors_mut(first, visit);
    }
}

impl<P: Place, L: Stored<P>> Stored<P> for Frozen<L> {
    const STORED: Self = Frozen(L::STORED);
}

impl<X: Tensor, L: Layer<X>> Layer<X> for Frozen<L> {
    type Y = L::Y;
    type Trace<const B: usize> = L::Trace<B>;
    const WORK: usize = L::WORK;
    const WORK_WITH_X: usize = L::WORK_WITH_X;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [L::Y], work: &mut [f32]) {
        self.0.infer(x, y, work);
    }

    #[inline(always)]
    fn infer_within(&self, end: End, y: &mut [L::Y], work: &mut [f32]) {
        self.0.infer_within(end, y, work);
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[X], y: &mut [L::Y], trace: &mut L::Trace<B>, mode: Mode<'_>) {
        self.0.forward::<B>(x, y, trace, mode);
    }

    #[inline(always)]
    fn forward_part<const B: usize>(
        &self,
        layer: usize,
        x: &[X],
        y: &mut [L::Y],
        trace: &mut L::Trace<B>,
        mode: Mode<'_>,
    ) {
        self.0.forward_part::<B>(layer, x, y, trace, mode);
    }

    #[inline(always)]
    fn backward<const B: usize>(
        &self,
        x: &[X],
        y: &[L::Y],
        trace: &mut L::Trace<B>,
        dy: &mut [L::Y],
        dx: Option<&mut [X]>,
    ) {
        if dx.is_some() {
            self.0.backward::<B>(x, y, trace, dy, dx);
        }
    }

    fn gradient<const B: usize>(&self, _: &[X], _: &L::Trace<B>, _: &[L::Y], _: &mut ()) {}

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        L::describe(&mut |line| visit(LayerInfo { trainable: 0, ..line }));
    }
}

impl<L: Network> Network for Frozen<L> {
    type Input = L::Input;
}
