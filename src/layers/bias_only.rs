use super::Dense;
use crate::activations::Activation;
use crate::kernels::matmul;
use crate::net::{Backward, Layer, LayerInfo, Mode, Network, Stepwise, values};
use crate::tensor::{Architecture, Bytes, FromBytes, Leaf, Params, Sink, Sinks, Want, Yes};
use crate::{leaf, params};

/// A dense layer of which training changes only the biases (BitFit; Zaken et al. 2021). Its kernel has no gradient and no
/// moments.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![BiasOnly<Dense<64, 32, Relu>>, Dense<32, 10>];
/// assert_eq!((Net::COUNT, Net::TRAINABLE), (2410, 32 + 330));
/// assert_eq!(size_of::<<Net as Params>::Grad>(), (32 + 330) * 4);
/// ```
#[derive(Clone)]
pub struct BiasOnly<L>(pub L);

crate::tensor::debug!([L] BiasOnly<L>);

impl<const I: usize, const O: usize, A: Activation> Params for BiasOnly<Dense<I, O, A>> {
    values!(BiasOnly; 0: Dense<I, O, A>);
    params!(@training [f32; O], 0.b;);
    const ARCHITECTURE: Architecture = Dense::<I, O, A>::ARCHITECTURE;
    const MASK: Architecture = Architecture::NONE.repeat(b'f', I * O).repeat(b't', O);
    type Trained = Yes;
    type Statistics = ();
}

impl<const I: usize, const O: usize, A: Activation> Leaf for BiasOnly<Dense<I, O, A>> {
    params!(@sinks [f32; O], 0.b;);
}

impl<P: Bytes, L: FromBytes<P>> FromBytes<P> for BiasOnly<L>
where
    Self: Params,
{
    const LAYER: Self = BiasOnly(L::LAYER);
}

impl<const I: usize, const O: usize, A: Activation> Layer<[f32; I]> for BiasOnly<Dense<I, O, A>> {
    type Y = [f32; O];
    type Trace<const B: usize, W: Want> = <Dense<I, O, A> as Layer<[f32; I]>>::Trace<B, W>;
    leaf!([f32; I]);

    #[inline(always)]
    fn infer(&self, x: &[[f32; I]], y: &mut [[f32; O]], work: &mut [f32]) {
        self.0.infer(x, y, work);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[f32; I]],
        y: &mut [[f32; O]],
        trace: &mut Self::Trace<B, W>,
        mode: Mode<'_>,
    ) {
        self.0.forward::<B, W>(x, y, trace, mode);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo { trainable: O, ..LayerInfo::of::<Dense<I, O, A>, [f32; O]>("Dense", A::NAME) });
    }
}

impl<const I: usize, const O: usize, A: Activation> Backward<[f32; I]> for BiasOnly<Dense<I, O, A>> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[f32; I]],
        y: &[[f32; O]],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [[f32; O]],
        dx: Option<&mut [[f32; I]]>,
    ) {
        self.0.backward::<B, W>(x, y, trace, dy, dx);
    }

    // db = Σ dz
    #[inline(always)]
    fn gradient<const B: usize, W: Want, S: Sinks>(
        _: &[[f32; I]],
        _: &[[f32; O]],
        _: &Self::Trace<B, W>,
        dz: &[[f32; O]],
        (b,): &mut Self::To<S>,
    ) {
        b.add(0, (&matmul::column_sums(dz)).into());
    }
}

impl<const I: usize, const O: usize, A: Activation> Network for BiasOnly<Dense<I, O, A>> {
    type Input = [f32; I];
}

impl<L: Stepwise> Stepwise for BiasOnly<L> {}
