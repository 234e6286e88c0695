use super::composition::composition;
use super::wrapper::stream_inner;
use super::{Chain, Destination, End, Layer, LayerInfo, Mode, Network, NotFinite, Part, StepOf, StreamLayer};
use crate::tensor::{Params, Steps, Tensor, Want, copy};

/// A layer whose output can take the place of its input, for [`InPlace`].
#[diagnostic::on_unimplemented(
    message = "the output of `{Self}` cannot take the place of its input",
    note = "1x1 convolutions and depthwise convolutions without stride and dilation can if input and output have the same shape; so can activations, and chains of these"
)]
pub trait InPlaceLayer<X: Tensor>: Layer<X, Y = X> {
    /// Replaces each sample by its output. The bits are those of `infer`.
    fn infer_in_place(&self, x: &mut [X]);
}

/// A layer or chain that infers in the place of its input: it needs no room for its output, and copies a few places or rows to the
/// stack. It takes a little longer. Training is the same as without it.
///
/// ```
/// use baregrad::prelude::*;
/// type Map = Image<25, 5, 64>;
/// type Block = chain![DepthwiseConv2d<Map, Map, 3, 3, 1, Relu>, Conv2d<Map, Map, 1, 1, 1, Relu>];
/// type Net<B> = chain![Conv2d<Image<49, 10, 1>, Map, 10, 4, 2, Relu>, B, B, GlobalAveragePool, Dense<64, 12>];
/// assert_eq!(Net::<Block>::SCRATCH, 2 * 25 * 5 * 64);
/// assert_eq!(Net::<InPlace<Block>>::SCRATCH, 25 * 5 * 64 + 64);
/// ```
pub struct InPlace<F>(pub F);

composition! {
    [F: Params] InPlace<F>, InPlace, "";
    F = 0 in 0, ""
}

impl<X: Tensor, F: InPlaceLayer<X>> Layer<X> for InPlace<F> {
    type Y = X;
    type Trace<const B: usize, W: Want> = F::Trace<B, W>;
    type Side = F::Side;
    type P<const B: usize, W: Want> = F::P<B, W>;
    type Q<const B: usize, W: Want> = F::Q<B, W>;
    type Room<const B: usize, W: Want> = F::Room<B, W>;
    type Held<const B: usize> = F::Held<B>;
    const WORK_WITH_BOTH: usize = X::LEN;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        copy(x, y);
        self.0.infer_in_place(y);
    }

    #[inline(always)]
    fn infer_through(&self, end: End, count: usize, work: &mut [f32]) -> End {
        self.0.infer_in_place(end.split(work, count).0);
        end
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [X], trace: &mut Self::Trace<B, W>, mode: Mode<'_>) {
        self.0.forward::<B, W>(x, y, trace, mode);
    }

    #[inline(always)]
    fn walk<const B: usize, W: Want, D: Destination>(
        part: Part,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [X],
        trace: &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        F::walk::<B, W, D>(part, D::inner(at), x, y, trace, p, q)
    }

    #[inline(always)]
    fn cross<const B: usize>(
        &self,
        x: Option<&[X]>,
        count: usize,
        p: &mut [f32],
        q: &mut [f32],
        held: &mut Self::Held<B>,
        mode: Mode<'_>,
    ) {
        self.0.cross::<B>(x, count, p, q, held, mode);
    }

    #[inline(always)]
    fn statistics<const B: usize, W: Want>(trace: &Self::Trace<B, W>) -> Self::Statistics {
        (F::statistics(trace),)
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        F::describe(visit);
    }
}

impl<F: Network> Network for InPlace<F>
where
    F: InPlaceLayer<F::Input>,
{
    type Input = F::Input;
}

impl<X: Tensor, A: InPlaceLayer<X>, B: InPlaceLayer<X>> InPlaceLayer<X> for Chain<A, B> {
    #[inline(always)]
    fn infer_in_place(&self, x: &mut [X]) {
        self.0.infer_in_place(x);
        self.1.infer_in_place(x);
    }
}

stream_inner!([F: InPlaceLayer<X>] InPlace<F>, F, net => net.0);
