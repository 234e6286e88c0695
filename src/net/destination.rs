//! Where the walk back leaves the gradients of the weights.

use super::Backward;
use crate::error::Error;
use crate::tensor::{Optimizer, Params, Sums, Tensor, Updates, Want};
use core::marker::PhantomData;

/// Where the gradients of the weights go.
///
/// [`At`](Destination::At) is a net together with what the walk back changes. A composition splits it with
/// [`pair`](Destination::pair) or [`inner`](Destination::inner), and a leaf passes it to [`leaf`](Destination::leaf).
pub trait Destination {
    /// The net `N`, together with what the walk back changes.
    type At<'a, N: Params>;
    /// Returns the net.
    fn net<'s, N: Params>(at: &'s Self::At<'_, N>) -> &'s N;
    /// Splits a composition into its two parts.
    fn pair<'a, N: Pair>(at: Self::At<'a, N>) -> (Self::At<'a, N::A>, Self::At<'a, N::B>);
    /// Returns the net inside a wrapper.
    fn inner<'a, N: Wrapper>(at: Self::At<'a, N>) -> Self::At<'a, N::Inner>;
    /// Takes the gradient of the weights of a leaf, after its [`backward`](Backward::backward).
    ///
    /// # Errors
    /// The gradient is not finite. Nothing has changed.
    fn leaf<const B: usize, W: Want, X: Tensor, L: Backward<X>>(
        at: Self::At<'_, L>,
        x: &[X],
        y: &[L::Y],
        trace: &L::Trace<B, W>,
        dz: &[L::Y],
    ) -> Result<(), NotFinite>;
}

/// The error of a gradient that is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite {
    /// The index of the layer, counted from the first layer of the net that returns the error.
    pub layer: usize,
}

impl NotFinite {
    /// The same layer in a net that has this many layers before it.
    #[inline(always)]
    pub fn behind(self, layers: usize) -> Self {
        NotFinite { layer: self.layer + layers }
    }
}

impl From<NotFinite> for Error {
    fn from(error: NotFinite) -> Self {
        Error::NonFiniteGradient { layer: error.layer }
    }
}

/// A composition of two parts. Each part has its own gradient and moments.
pub trait Pair: Params {
    /// The first part.
    type A: Params;
    /// The second part.
    type B: Params;
    /// Returns both parts.
    fn parts(&self) -> (&Self::A, &Self::B);
    /// Returns both parts, to change them.
    fn parts_mut(&mut self) -> (&mut Self::A, &mut Self::B);
    /// Returns their gradients.
    fn grads(grad: &mut Self::Grad) -> (&mut <Self::A as Params>::Grad, &mut <Self::B as Params>::Grad);
    /// Returns their moments.
    fn states<O: Optimizer>(
        state: &mut Self::State<O>,
    ) -> (&mut <Self::A as Params>::State<O>, &mut <Self::B as Params>::State<O>);
}

/// A composition around one net.
pub trait Wrapper: Params {
    /// The net inside.
    type Inner: Params;
    /// Returns the net inside.
    fn inner(&self) -> &Self::Inner;
    /// Returns the net inside, to change it.
    fn inner_mut(&mut self) -> &mut Self::Inner;
    /// Returns the gradient of the net inside.
    fn grad(grad: &mut Self::Grad) -> &mut <Self::Inner as Params>::Grad;
    /// Returns the moments of the net inside.
    fn state<O: Optimizer>(state: &mut Self::State<O>) -> &mut <Self::Inner as Params>::State<O>;
}

/// The gradients go into the weights, as a step of the optimiser `O`, and are not stored.
///
/// With `CHECKED`, the walk ends at a layer whose gradient is not finite, before this layer changes.
pub struct IntoWeights<O, const CHECKED: bool>(PhantomData<O>);

/// A net, its moments, and the optimiser.
pub struct Learner<'a, N: Params, O: Optimizer> {
    /// The net.
    pub net: &'a mut N,
    /// The moments.
    pub state: &'a mut N::State<O>,
    /// The optimiser.
    pub optimizer: &'a O,
}

impl<O: Optimizer, const CHECKED: bool> Destination for IntoWeights<O, CHECKED> {
    type At<'a, N: Params> = Learner<'a, N, O>;

    #[inline(always)]
    fn net<'s, N: Params>(at: &'s Learner<'_, N, O>) -> &'s N {
        at.net
    }

    #[inline(always)]
    fn pair<'a, N: Pair>(at: Self::At<'a, N>) -> (Self::At<'a, N::A>, Self::At<'a, N::B>) {
        let ((a, b), (of_a, of_b), optimizer) = (at.net.parts_mut(), N::states(at.state), at.optimizer);
        (Learner { net: a, state: of_a, optimizer }, Learner { net: b, state: of_b, optimizer })
    }

    #[inline(always)]
    fn inner<'a, N: Wrapper>(at: Self::At<'a, N>) -> Self::At<'a, N::Inner> {
        Learner { net: at.net.inner_mut(), state: N::state(at.state), optimizer: at.optimizer }
    }

    #[inline(always)]
    fn leaf<const B: usize, W: Want, X: Tensor, L: Backward<X>>(
        at: Learner<'_, L, O>,
        x: &[X],
        y: &[L::Y],
        trace: &L::Trace<B, W>,
        dz: &[L::Y],
    ) -> Result<(), NotFinite> {
        if CHECKED {
            check::<X, L>(x, dz, f32::MAX)?;
        }
        let mut to = at.net.updates(at.state, at.optimizer);
        L::gradient::<B, W, Updates<'_, O>>(x, y, trace, dz, &mut to);
        Ok(())
    }
}

/// The gradients are added to a gradient in memory.
pub struct IntoMemory;

/// A net, and its gradient in memory.
pub struct Collector<'a, N: Params> {
    /// The net.
    pub net: &'a N,
    /// The gradient.
    pub grad: &'a mut N::Grad,
    /// The largest [`bound`](Backward::bound) on a layer's gradient that is not refused: less than `f32::MAX` if several
    /// gradients are added up.
    pub limit: f32,
}

impl Destination for IntoMemory {
    type At<'a, N: Params> = Collector<'a, N>;

    #[inline(always)]
    fn net<'s, N: Params>(at: &'s Collector<'_, N>) -> &'s N {
        at.net
    }

    #[inline(always)]
    fn pair<'a, N: Pair>(at: Self::At<'a, N>) -> (Self::At<'a, N::A>, Self::At<'a, N::B>) {
        let ((a, b), (of_a, of_b)) = (at.net.parts(), N::grads(at.grad));
        (Collector { net: a, grad: of_a, limit: at.limit }, Collector { net: b, grad: of_b, limit: at.limit })
    }

    #[inline(always)]
    fn inner<'a, N: Wrapper>(at: Self::At<'a, N>) -> Self::At<'a, N::Inner> {
        Collector { net: at.net.inner(), grad: N::grad(at.grad), limit: at.limit }
    }

    #[inline(always)]
    fn leaf<const B: usize, W: Want, X: Tensor, L: Backward<X>>(
        at: Collector<'_, L>,
        x: &[X],
        y: &[L::Y],
        trace: &L::Trace<B, W>,
        dz: &[L::Y],
    ) -> Result<(), NotFinite> {
        check::<X, L>(x, dz, at.limit)?;
        L::gradient::<B, W, Sums<'_>>(x, y, trace, dz, &mut L::sums(at.grad));
        Ok(())
    }
}

/// Nobody wants the gradients of the weights, only the gradient of the input.
pub struct Nowhere;

impl Destination for Nowhere {
    type At<'a, N: Params> = &'a N;

    #[inline(always)]
    fn net<'s, N: Params>(at: &'s &N) -> &'s N {
        at
    }

    #[inline(always)]
    fn pair<'a, N: Pair>(at: Self::At<'a, N>) -> (Self::At<'a, N::A>, Self::At<'a, N::B>) {
        at.parts()
    }

    #[inline(always)]
    fn inner<'a, N: Wrapper>(at: Self::At<'a, N>) -> Self::At<'a, N::Inner> {
        at.inner()
    }

    #[inline(always)]
    fn leaf<const B: usize, W: Want, X: Tensor, L: Backward<X>>(
        _: &L,
        _: &[X],
        _: &[L::Y],
        _: &L::Trace<B, W>,
        _: &[L::Y],
    ) -> Result<(), NotFinite> {
        Ok(())
    }
}

/// Checks that the gradient of a layer is finite and no larger than `limit`.
#[inline(always)]
fn check<X: Tensor, L: Backward<X>>(x: &[X], dz: &[L::Y], limit: f32) -> Result<(), NotFinite> {
    if L::TRAINABLE == 0 || L::bound(x, dz) <= limit { Ok(()) } else { Err(NotFinite { layer: 0 }) }
}
