//! The data that a chain keeps between two of its layers.

use super::{Destination, Layer, Mode, NotFinite, Part, samples_mut};
use crate::tensor::{Flat, Tensor, Through, Want, Zero, front_mut, zeros};

/// The output of the layer `A`, and the rest that its forward pass keeps.
///
/// If `Between` wants the gradient of the output, the rest is the trace of `A`. Otherwise nothing in `A` is trained, and
/// nobody wants the gradient of its input. Then `A` runs from layer to layer through two buffers, and only its output is
/// kept.
pub struct Boundary<X: Tensor, A: Layer<X>, const B: usize, W: Want, Between: Want> {
    /// The output and the trace.
    kept: Between::Of<([A::Y; B], A::Trace<B, W>)>,
    /// The first buffer, which begins with the output, and what the layer needs besides. The second buffer is
    /// [`Layer::Room`] of the chain.
    crossed: <Between::Not as Want>::Of<(A::P<B, Through>, A::Held<B>)>,
}

zeros!(impl [X: Tensor, A: Layer<X>, const B: usize, W: Want, Between: Want] Boundary<X, A, B, W, Between> { kept, crossed });

impl<X: Tensor, A: Layer<X>, const B: usize, W: Want, Between: Want> Boundary<X, A, B, W, Between> {
    /// Runs the layer.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn forward(&mut self, layer: &A, x: &[X], mode: Mode<'_>) {
        if let Some((y, trace)) = Between::get_mut(&mut self.kept) {
            layer.forward::<B, W>(x, front_mut(y, x.len()), trace, mode);
        } else if let Some((p, held)) = Between::Not::get_mut(&mut self.crossed) {
            let mut mode = mode;
            let q = core::mem::take(&mut mode.room);
            layer.cross::<B>(Some(x), x.len(), p.flat(), q, held, mode);
        }
    }

    /// Returns the output of `count` samples.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn y(&mut self, count: usize) -> &mut [A::Y] {
        if let Some((y, _)) = Between::get_mut(&mut self.kept) {
            front_mut(y, count)
        } else if let Some((p, ..)) = Between::Not::get_mut(&mut self.crossed) {
            samples_mut(p.flat(), count)
        } else {
            &mut []
        }
    }

    /// Walks back through the layer, if the gradient of its output is wanted.
    ///
    /// # Errors
    /// As [`Layer::walk`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn walk<D: Destination>(
        &mut self,
        part: Part,
        at: D::At<'_, A>,
        x: &[X],
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        match Between::get_mut(&mut self.kept) {
            Some((y, trace)) => A::walk::<B, W, D>(part, at, x, front_mut(y, x.len()), trace, p, q),
            None => Ok(()),
        }
    }

    /// Returns the statistics of the forward pass for [`Params::settle`](crate::Params::settle).
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn statistics(&self) -> A::Statistics {
        Between::get(&self.kept).map_or(Zero::ZERO, |(_, trace)| A::statistics(trace))
    }
}
