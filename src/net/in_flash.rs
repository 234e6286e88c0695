use super::wrapper::{frozen, stream_inner};
use super::{Destination, Layer, LayerInfo, Mode, Network, NotFinite, Nowhere, Part, StepOf, StreamLayer};
use crate::tensor::{Architecture, Parameterless, Params, Steps, Tensor, Want};
use core::marker::PhantomData;

/// A trained net in a `static`, named by a type for [`InFlash`].
pub trait Flash: 'static {
    /// The net.
    type Net: Params;
    /// Returns the `static`.
    fn net() -> &'static Self::Net;
}

/// A frozen net in flash, as a layer of another net. Its weights take no RAM, and a file of the other net does not have
/// them. At the start of a chain, only its output is kept.
///
/// ```
/// use baregrad::{net::{Flash, InFlash}, prelude::*};
/// type Body = chain![Dense<64, 32, Relu>, Dense<32, 16, Relu>];
/// static BODY: Body = Body::NEW; // or `include_model!(Body, "body.bgrd")`
///
/// struct OfBody;
/// impl Flash for OfBody {
///     type Net = Body;
///     fn net() -> &'static Body { &BODY }
/// }
///
/// type Model = Trainer<chain![InFlash<OfBody>, Dense<16, 4>], MeanSquaredError, Sgd, 1>;
/// const _: () = assert!(size_of::<Model>() < 1000); // the weights of the body alone take 10,432 bytes
/// ```
///
/// In the text of [`Architecture`] it is a line `flash`, the lines of the net, and a line `end`.
pub struct InFlash<F>(PhantomData<fn() -> F>);

impl<F> Clone for InFlash<F> {
    fn clone(&self) -> Self {
        InFlash(PhantomData)
    }
}

crate::tensor::debug!([F] InFlash<F>);

impl<F: Flash> Parameterless for InFlash<F> {
    const LAYER: Self = InFlash(PhantomData);
    const ARCHITECTURE: Architecture = Architecture::NONE.text("flash\n").then(F::Net::ARCHITECTURE).text("end\n");
}

impl<X: Tensor, F: Flash> Layer<X> for InFlash<F>
where
    F::Net: Layer<X>,
{
    // The whole net is one layer here.
    frozen!(F::Net, X, _net => *F::net(), mode => mode.frozen().whole(), _part => Part::ALL);

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        // The whole net is one layer here, whose parameters are not in RAM.
        let (mut operations, mut parameters) = (0, 0);
        F::Net::describe(&mut |line| {
            operations += line.operations;
            parameters += line.parameters;
        });
        visit(LayerInfo { operations, parameters, ..LayerInfo::of::<Self, Self::Y>("InFlash", "") });
    }
}

impl<F: Flash> Network for InFlash<F>
where
    F::Net: Network,
{
    type Input = <F::Net as Network>::Input;
}

stream_inner!([F: Flash] InFlash<F>, F::Net, _net => F::net());
