use super::zero_padding::{architecture, lies_within, rectangle};
use crate::leaf;
use crate::net::{Backward, Layer, Network, StreamLayer};
use crate::tensor::{Architecture, Parameterless, Places, Recent, Sequence, Want, by_rank};
use core::marker::PhantomData;

/// A part of a sample: [`Cropping1d`] and [`Cropping2d`]. `Y` begins at the place (`TOP`, `LEFT`) of `X`.
pub struct Cropping<X, Y, const TOP: usize, const LEFT: usize>(PhantomData<fn() -> (X, Y)>);

/// Cuts off the first `BEFORE` places of a sequence, and those that `Y` has no room for: Keras' `Cropping1D((BEFORE, after))`.
///
/// ```
/// use baregrad::prelude::*;
/// use baregrad::tensor::Sequence;
/// // Of 4 places, 1 before and 1 after are cut off.
/// type Part = Cropping1d<Sequence<4, 1>, Sequence<2, 1>, 1>;
/// let mut y = [[0.0]; 2];
/// Part::NEW.infer_one(&[[1.0], [2.0], [3.0], [4.0]], &mut y, &mut []);
/// assert_eq!(y, [[2.0], [3.0]]);
/// ```
pub type Cropping1d<X, Y, const BEFORE: usize> = Cropping<X, Y, 0, BEFORE>;

/// Cuts off the first `TOP` rows and `LEFT` columns of an image, and those that `Y` has no room for: Keras'
/// `Cropping2D(((TOP, bottom), (LEFT, right)))`.
///
/// ```
/// use baregrad::prelude::*;
/// use baregrad::tensor::Image;
/// type Part = Cropping2d<Image<2, 3, 1>, Image<1, 2, 1>, 1, 0>;
/// let mut y = [[[0.0]; 2]];
/// Part::NEW.infer_one(&[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]], &mut y, &mut []);
/// assert_eq!(y, [[[4.0], [5.0]]]);
/// ```
pub type Cropping2d<X, Y, const TOP: usize, const LEFT: usize> = Cropping<X, Y, TOP, LEFT>;

impl<X, Y, const TOP: usize, const LEFT: usize> Clone for Cropping<X, Y, TOP, LEFT> {
    fn clone(&self) -> Self {
        Cropping(PhantomData)
    }
}

crate::tensor::debug!([X, Y, const TOP: usize, const LEFT: usize] Cropping<X, Y, TOP, LEFT>);

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Parameterless
    for Cropping<X, Y, TOP, LEFT>
{
    const LAYER: Self = {
        assert!(
            lies_within::<Y, X>(TOP, LEFT),
            "the input of a cropping is as long as its output and what is cut off before it, or longer"
        );
        Cropping(PhantomData)
    };
    const ARCHITECTURE: Architecture = architecture::<X, Y>("cropping", TOP, LEFT);
}

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Layer<X>
    for Cropping<X, Y, TOP, LEFT>
{
    type Y = Y;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, by_rank::<X>("Cropping1D", "Cropping2D"));

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [Y], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            rectangle::<Y, X>(TOP, LEFT).read(x.flat(), y.flat_mut());
        }
    }
}

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Backward<X>
    for Cropping<X, Y, TOP, LEFT>
{
    #[inline(always)]
    fn backward<const B: usize, W: Want>(&self, _: &[X], _: &[Y], (): &mut (), dy: &mut [Y], dx: Option<&mut [X]>) {
        for (dy, dx) in dy.iter().zip(dx.unwrap_or_default()) {
            rectangle::<Y, X>(TOP, LEFT).write(dy.flat(), dx.flat_mut());
        }
    }
}

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Network
    for Cropping<X, Y, TOP, LEFT>
{
    type Input = X;
}

impl<const L: usize, const M: usize, const C: usize, const BEFORE: usize> StreamLayer<Sequence<L, C>>
    for Cropping1d<Sequence<L, C>, Sequence<M, C>, BEFORE>
{
    type Memory = Recent<[f32; C], 1, 1>;
    const DELAY: usize = {
        assert!(BEFORE + M == L, "a stream does not know its end, so nothing can be cut off there");
        BEFORE
    };
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; C]) -> Option<[f32; C]> {
        memory.push(x, Self::DELAY, 1)?.first().copied()
    }
}
