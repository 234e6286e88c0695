//! One layer after another.

use super::boundary::Boundary;
use super::composition::composition;
use super::{Destination, End, Layer, LayerInfo, Mode, Network, NotFinite, Part, Side, StepOf, StreamLayer};
use crate::tensor::{Flat, Params, Steps, Tensor, Through, Want};

/// `B` after `A`. [`chain!`](crate::chain) writes longer chains.
pub struct Chain<A, B>(pub A, pub B);

/// The type of a chain of layers: `chain![A, B, C]` is `Chain<A, Chain<B, C>>`. Keras' `Sequential`.
///
/// ```
/// use baregrad::prelude::*;
/// // Sequential([Input((2,)), Dense(2, activation="relu"), Dense(1, activation="sigmoid")])
/// type Xor = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
/// assert_eq!(Xor::COUNT, 9);
/// ```
#[macro_export]
macro_rules! chain {
    ($layer:ty $(,)?) => { $layer };
    ($first:ty, $($rest:ty),+ $(,)?) => { $crate::Chain<$first, $crate::chain![$($rest),+]> };
}

composition! {
    [A: Params, B: Params] Chain<A, B>, Chain, "";
    A = 0 in 0, ""; B = 1 in 1, ""
}

/// Whether the gradient between the layers of a chain is wanted: because the first layer is trained, or because `W` wants
/// it.
type Between<A, W> = <W as Want>::Or<<A as Params>::Trained>;

impl<X: Tensor, A: Layer<X>, L: Layer<A::Y>> Layer<X> for Chain<A, L> {
    type Y = L::Y;
    type Trace<const B: usize, W: Want> = (Boundary<X, A, B, W, Between<A, W>>, L::Trace<B, Between<A, W>>);
    type Side = <L::Side as Side>::Then<A::Side>;
    type P<const B: usize, W: Want> =
        <L::P<B, Between<A, W>> as Flat>::Or<<L::Side as Side>::First<Room<A, W, A::P<B, W>>, Room<A, W, A::Q<B, W>>>>;
    type Q<const B: usize, W: Want> =
        <L::Q<B, Between<A, W>> as Flat>::Or<<L::Side as Side>::Second<Room<A, W, A::P<B, W>>, Room<A, W, A::Q<B, W>>>>;
    type Room<const B: usize, W: Want> = <<Between<A, W> as Want>::Room<A::Room<B, W>> as Flat>::Or<
        <<<Between<A, W> as Want>::Not as Want>::Room<A::Q<B, Through>> as Flat>::Or<L::Room<B, Between<A, W>>>,
    >;
    type Held<const B: usize> = (A::Held<B>, L::Held<B>);
    const WORK: usize = larger(A::WORK_WITH_Y, L::WORK_WITH_X);
    const WORK_WITH_X: usize = larger(A::WORK_WITH_BOTH, L::WORK_WITH_X);
    const WORK_WITH_Y: usize = larger(A::WORK_WITH_Y, L::WORK_WITH_BOTH);
    const WORK_WITH_BOTH: usize = larger(A::WORK_WITH_BOTH, L::WORK_WITH_BOTH);

    // In debug builds, compositions are not inlined: the variables of all layers of a net would lie in one frame, which
    // overflows the stack of a small device.

    // A sample between two layers lies at one end of the work space, and the next one at the other end.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn infer(&self, x: &[X], y: &mut [L::Y], work: &mut [f32]) {
        let end = self.0.infer_into(x, work);
        self.1.infer_within(end, y, work);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn infer_within(&self, end: End, y: &mut [L::Y], work: &mut [f32]) {
        let end = self.0.infer_through(end, y.len(), work);
        self.1.infer_within(end, y, work);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn infer_into(&self, x: &[X], work: &mut [f32]) -> End {
        let end = self.0.infer_into(x, work);
        self.1.infer_through(end, x.len(), work)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn infer_through(&self, end: End, count: usize, work: &mut [f32]) -> End {
        let end = self.0.infer_through(end, count, work);
        self.1.infer_through(end, count, work)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &mut [L::Y],
        (boundary, rest): &mut Self::Trace<B, W>,
        mut mode: Mode<'_>,
    ) {
        if let Some(part) = mode.part.first(A::LAYERS) {
            boundary.forward(&self.0, x, mode.of_part(part));
        }
        if let Some(part) = mode.part.rest(A::LAYERS) {
            self.1.forward::<B, Between<A, W>>(boundary.y(x.len()), y, rest, mode.of_part(part));
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn walk<const B: usize, W: Want, D: Destination>(
        part: Part,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [L::Y],
        (boundary, trace): &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        let (first, rest) = D::pair(at);
        if let Some(part) = part.rest(A::LAYERS) {
            let between = boundary.y(x.len());
            L::walk::<B, Between<A, W>, D>(part, rest, between, y, trace, p, q).map_err(|e| e.behind(A::LAYERS))?;
        }
        let Some(part) = part.first(A::LAYERS) else { return Ok(()) };
        let (p, q) = L::Side::order(p, q);
        boundary.walk::<D>(part, first, x, p, q)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cross<const B: usize>(
        &self,
        x: Option<&[X]>,
        count: usize,
        p: &mut [f32],
        q: &mut [f32],
        held: &mut Self::Held<B>,
        mut mode: Mode<'_>,
    ) {
        if let Some(part) = mode.part.first(A::LAYERS) {
            let (of_first, other) = L::Side::order(&mut *p, &mut *q);
            self.0.cross::<B>(x, count, of_first, other, &mut held.0, mode.of_part(part));
        }
        if let Some(part) = mode.part.rest(A::LAYERS) {
            self.1.cross::<B>(None, count, p, q, &mut held.1, mode.of_part(part));
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn statistics<const B: usize, W: Want>((boundary, rest): &Self::Trace<B, W>) -> Self::Statistics {
        (boundary.statistics(), L::statistics(rest))
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        A::describe(visit);
        L::describe(visit);
    }
}

/// A buffer of the first layer, if the walk back reaches it.
type Room<A, W, T> = <Between<A, W> as Want>::Room<T>;

impl<A: Network, B: Layer<A::Y>> Network for Chain<A, B> {
    type Input = A::Input;
}

impl<X: Steps, A: StreamLayer<X>, L: StreamLayer<A::Y>> StreamLayer<X> for Chain<A, L> {
    type Memory = (A::Memory, L::Memory);
    const DELAY: usize = A::DELAY + A::HOP * L::DELAY;
    const HOP: usize = A::HOP * L::HOP;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step(&self, memory: &mut Self::Memory, x: &X::Step) -> Option<StepOf<L::Y>> {
        let between = self.0.step(&mut memory.0, x)?;
        self.1.step(&mut memory.1, &between)
    }
}

pub(crate) const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
