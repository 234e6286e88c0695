use super::branches::{Branches, Merge, MergeName};
use crate::tensor::{Tensor, copy};

/// The output of `A` followed by the output of `B`, `M` numbers in all: Keras' `Concatenate()([A(x), B(x)])`. For sequences and
/// images, `M` is the number of channels.
///
/// A wrong `M` does not compile.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Concat<Dense<4, 8, Relu>, Dense<4, 3, Tanh>, 11>, Dense<11, 2>];
/// assert_eq!(Net::SCRATCH, 11 + 11);
/// ```
pub type Concat<A, B, const M: usize> = Branches<A, B, Concatenate<M>>;

/// Joins the outputs of two branches. Its line in the text of [`Architecture`](crate::Architecture) is `concat`.
pub struct Concatenate<const M: usize>;

impl<const M: usize> MergeName for Concatenate<M> {
    const KIND: &'static str = "Concatenate";
    const LINE: &'static str = "concat\n";
}

impl<const A: usize, const B: usize, const M: usize> Merge<[f32; A], [f32; B]> for Concatenate<M> {
    type Y = [f32; M];
    const FITS: () = assert!(A + B == M, "the outputs of both branches together are not as many as `Concat` says");

    #[inline(always)]
    fn merge(a: &[f32; A], b: &[f32; B], y: &mut [f32; M]) {
        for (y, value) in y.iter_mut().zip(a.iter().chain(b)) {
            *y = *value;
        }
    }

    #[inline(always)]
    fn first(dy: &[f32; M], da: &mut [f32; A]) {
        copy(dy, da);
    }

    #[inline(always)]
    fn second(dy: &[f32; M], db: &mut [f32; B]) {
        copy(dy.get(A..).unwrap_or_default(), db);
    }
}

/// Place by place.
impl<A: Tensor, B: Tensor, const L: usize, const M: usize> Merge<[A; L], [B; L]> for Concatenate<M>
where
    Self: Merge<A, B>,
{
    type Y = [<Self as Merge<A, B>>::Y; L];
    const FITS: () = <Self as Merge<A, B>>::FITS;

    #[inline(always)]
    fn merge(a: &[A; L], b: &[B; L], y: &mut Self::Y) {
        for ((a, b), y) in a.iter().zip(b).zip(y) {
            <Self as Merge<A, B>>::merge(a, b, y);
        }
    }

    #[inline(always)]
    fn first(dy: &Self::Y, da: &mut [A; L]) {
        for (dy, da) in dy.iter().zip(da) {
            <Self as Merge<A, B>>::first(dy, da);
        }
    }

    #[inline(always)]
    fn second(dy: &Self::Y, db: &mut [B; L]) {
        for (dy, db) in dy.iter().zip(db) {
            <Self as Merge<A, B>>::second(dy, db);
        }
    }
}
