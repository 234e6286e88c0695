use crate::activations::{Activation, Keep, Value};
use crate::kernels::elementwise;
use crate::net::LayerInfo;
use crate::net::{Layer, Mode};
use crate::tensor::Architecture;
use crate::tensor::Parameterless;
use crate::tensor::{Tensor, front, front_mut};
use core::marker::PhantomData;

/// An activation as a layer of its own, on samples of any shape: Keras' `Activation(A)`.
///
/// `Dense<I, O, A>` is faster than `chain![Dense<I, O>, Activate<A>]` and computes the same.
pub struct Activate<A>(PhantomData<fn() -> A>);

impl<A: Activation> Parameterless for Activate<A> {
    const LAYER: Self = Activate(PhantomData);
    const ARCHITECTURE: Architecture = Architecture::layer("activation").word(A::NAME).end();
}

impl<X: Tensor, A: Activation> Layer<X> for Activate<A> {
    type Y = X;
    type Trace<const B: usize> = <A::Kept as Keep>::Store<[X; B]>;
    const WORK: usize = 0;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        elementwise::map_into(&Value::<A>(PhantomData), X::flat_all(x), X::flat_all_mut(y));
        y.iter_mut().for_each(|y| A::finish_sample(y.flat_mut()));
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[X], y: &mut [X], trace: &mut Self::Trace<B>, _: Mode<'_>) {
        if let Some(kept) = A::Kept::inputs_mut::<[X; B]>(trace) {
            for (kept, x) in front_mut(kept, x.len()).iter_mut().zip(x) {
                *kept = *x;
            }
        }
        self.infer(x, y, &mut []);
    }

    #[inline(always)]
    fn backward<const B: usize>(
        &self,
        x: &[X],
        y: &[X],
        trace: &mut Self::Trace<B>,
        dy: &mut [X],
        dx: Option<&mut [X]>,
    ) {
        let Some(dx) = dx else { return };
        let kept = A::Kept::inputs::<[X; B]>(trace).map_or(y, |z| front(z, x.len()));
        for ((kept, dy), dx) in kept.iter().zip(dy).zip(dx) {
            *dx = *dy;
            A::chain_rule(kept.flat(), dx.flat_mut());
        }
    }

    fn gradient<const B: usize>(&self, _: &[X], _: &Self::Trace<B>, _: &[X], _: &mut ()) {}

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("Activation", A::NAME));
    }
}
