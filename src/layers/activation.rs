use crate::activations::{Activation, Value, chain_rule, finish};
use crate::kernels::elementwise;
use crate::kernels::lanes::NATIVE;
use crate::leaf;
use crate::net::{Backward, InPlaceLayer, Layer, Stepwise};
use crate::tensor::{Architecture, Parameterless, Tensor, Want, copy};
use core::marker::PhantomData;

/// An activation as a layer, for samples of any shape: Keras' `Activation(A)`.
///
/// `Dense<I, O, A>` computes the same as `chain![Dense<I, O>, Activate<A>]`, and is faster.
pub struct Activate<A>(PhantomData<fn() -> A>);

impl<A> Clone for Activate<A> {
    fn clone(&self) -> Self {
        Activate(PhantomData)
    }
}

crate::tensor::debug!([A] Activate<A>);

impl<A: Activation> Parameterless for Activate<A> {
    const LAYER: Self = Activate(PhantomData);
    const ARCHITECTURE: Architecture = Architecture::layer("activation").then(A::ARCHITECTURE).end();
}

impl<X: Tensor, A: Activation> Layer<X> for Activate<A> {
    type Y = X;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, "Activation", A::NAME);

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        elementwise::map_samples(&Value::<A>(PhantomData), X::LEN, X::flat_all(x), X::flat_all_mut(y));
        finish::<A, X>(y);
    }
}

impl<X: Tensor, A: Activation> Backward<X> for Activate<A> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(&self, x: &[X], y: &[X], (): &mut (), dy: &mut [X], dx: Option<&mut [X]>) {
        let kept = if A::FromInput::YES { x } else { y };
        let Some(dx) = dx else { return };
        if NATIVE == 1 {
            // Dense layers have the same code.
            copy(dy, dx);
            chain_rule::<A, X>(kept, None, dx);
        } else {
            chain_rule::<A, X>(kept, Some(dy), dx);
        }
    }
}

impl<X: Tensor, A: Activation> InPlaceLayer<X> for Activate<A> {
    #[inline(always)]
    fn infer_in_place(&self, x: &mut [X]) {
        elementwise::map(&Value::<A>(PhantomData), X::flat_all_mut(x));
        finish::<A, X>(x);
    }
}

impl<A> Stepwise for Activate<A> {}
