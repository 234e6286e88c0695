use super::Dense;
use crate::activations::{Activation, Keep};
use crate::kernels::{elementwise, matmul};
use crate::net::LayerInfo;
use crate::net::{Layer, Mode, Network};
use crate::optimizers::{MomentsOf, Optimizer, update};
use crate::tensor::Architecture;
use crate::tensor::from_bytes::{Place, Stored};
use crate::tensor::init::Initializer;
use crate::tensor::{Params, TensorName};
use crate::tensor::{Window, update_aside};
use rand_core::Rng;

/// A dense layer of which training changes the biases alone (BitFit; Zaken et al. 2021): no gradient and no moments for
/// its kernel.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![BiasOnly<Dense<64, 32, Relu>>, Dense<32, 10>];
/// assert_eq!((Net::COUNT, Net::TRAINABLE), (2410, 32 + 330));
/// assert_eq!(size_of::<<Net as Params>::Grad>(), (32 + 330) * 4);
/// ```
pub struct BiasOnly<L>(pub L);

impl<const I: usize, const O: usize, A: Activation> Params for BiasOnly<Dense<I, O, A>> {
    const NEW: Self = BiasOnly(Dense::NEW);
    const COUNT: usize = Dense::<I, O, A>::COUNT;
    const TRAINABLE: usize = O;
    const ARCHITECTURE: Architecture = Dense::<I, O, A>::ARCHITECTURE;
    type Grad = [f32; O];
    type State<P: Optimizer> = MomentsOf<P, [f32; O]>;

    fn init<N: Initializer, R: Rng + ?Sized>(&mut self, initializer: &N, rng: &mut R) {
        self.0.init(initializer, rng);
    }

    #[inline(always)]
    fn apply<P: Optimizer>(&mut self, grad: &[f32; O], state: &mut Self::State<P>, optimizer: &P) {
        update(optimizer, &mut self.0.b, 0, grad, state);
    }

    fn apply_aside<P: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<P>,
        optimizer: &P,
        window: &mut Window,
    ) {
        update_aside(optimizer, &self.0.b, grad, state, window);
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        self.0.tensors(first, visit);
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        self.0.tensors_mut(first, visit);
    }
}

impl<P: Place, L: Stored<P>> Stored<P> for BiasOnly<L>
where
    Self: Params,
{
    const STORED: Self = BiasOnly(L::STORED);
}

impl<const I: usize, const O: usize, A: Activation> Layer<[f32; I]> for BiasOnly<Dense<I, O, A>> {
    type Y = [f32; O];
    type Trace<const B: usize> = <A::Kept as Keep>::Store<[[f32; O]; B]>;
    const WORK: usize = 0;

    #[inline(always)]
    fn infer(&self, x: &[[f32; I]], y: &mut [[f32; O]], work: &mut [f32]) {
        self.0.infer(x, y, work);
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[[f32; I]], y: &mut [[f32; O]], trace: &mut Self::Trace<B>, mode: Mode<'_>) {
        self.0.forward::<B>(x, y, trace, mode);
    }

    #[inline(always)]
    fn backward<const B: usize>(
        &self,
        x: &[[f32; I]],
        y: &[[f32; O]],
        trace: &mut Self::Trace<B>,
        dy: &mut [[f32; O]],
        dx: Option<&mut [[f32; I]]>,
    ) {
        self.0.backward::<B>(x, y, trace, dy, dx);
    }

    // db += Σ dz
    #[inline(always)]
    fn gradient<const B: usize>(&self, _: &[[f32; I]], _: &Self::Trace<B>, dz: &[[f32; O]], grad: &mut [f32; O]) {
        elementwise::add(&matmul::column_sums(dz), grad);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo { trainable: O, ..LayerInfo::of::<Dense<I, O, A>, [f32; O]>("Dense", A::NAME) });
    }
}

impl<const I: usize, const O: usize, A: Activation> Network for BiasOnly<Dense<I, O, A>> {
    type Input = [f32; I];
}
