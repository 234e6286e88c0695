use super::wrapper::{frozen, stream_inner};
use super::{Destination, Layer, LayerInfo, Mode, Network, NotFinite, Nowhere, Part, StepOf, StreamLayer};
use crate::tensor::{Architecture, Bytes, FromBytes, No, Optimizer, Params, Steps, Tensor, Want, Window};

/// A layer or chain whose weights training does not change. It has no gradient and no moments: Keras' `trainable = False`.
///
/// It always infers, in training too: a dropout in it drops nothing, and a batch normalisation uses its moving statistics,
/// which do not change. (In Keras, a frozen dropout still drops.) At the start of a chain, only its output is kept.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Frozen<Dense<64, 32, Relu>>, Dense<32, 10>];
/// assert_eq!((Net::COUNT, Net::TRAINABLE), (2410, 330));
/// assert_eq!(size_of::<<Net as Params>::Grad>(), 330 * 4);
/// ```
#[derive(Clone)]
pub struct Frozen<L>(pub L);

crate::tensor::debug!([L] Frozen<L>);

impl<L: Params> Params for Frozen<L> {
    super::values!(Frozen; 0: L);
    const TRAINABLE: usize = 0;
    const ARCHITECTURE: Architecture = L::ARCHITECTURE;
    const ROWS: usize = L::ROWS;
    type Trained = No;
    type Grad = ();
    type State<O: Optimizer> = ();
    type Statistics = ();

    fn rows(first: usize, visit: &mut dyn FnMut(usize, u32)) {
        L::rows(first, visit);
    }

    fn apply<O: Optimizer>(&mut self, (): &(), (): &mut (), _: &O) {}

    fn stage<O: Optimizer>(&self, (): &mut (), (): &mut (), _: &O, _: &mut Window) {}

    fn commit(&mut self, (): &()) {}

    #[inline(always)]
    fn penalty(&self) -> f32 {
        self.0.penalty()
    }
}

impl<P: Bytes, L: FromBytes<P>> FromBytes<P> for Frozen<L> {
    const LAYER: Self = Frozen(L::LAYER);
}

impl<X: Tensor, L: Layer<X>> Layer<X> for Frozen<L> {
    frozen!(L, X, net => net.0, mode => mode.frozen(), part => part);

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        L::describe(&mut |line| visit(LayerInfo { trainable: 0, ..line }));
    }
}

impl<L: Network> Network for Frozen<L> {
    type Input = L::Input;
}

stream_inner!([L] Frozen<L>, L, net => net.0);
