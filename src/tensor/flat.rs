//! Buffers that hold different data at different times.

use super::{Tensor, Zero};

/// A buffer that can be seen as one flat slice of floats.
pub trait Flat: Zero {
    /// The number of floats.
    const LEN: usize;
    /// A buffer with room for the larger of this buffer and `B`. If one of the two is empty, it has no discriminant.
    type Or<B: Flat>: Flat;
    /// The type `A::Or<Self>`, for an `A` that is not empty.
    type After<A: Flat>: Flat;
    /// Returns all floats.
    fn flat(&mut self) -> &mut [f32];
}

impl Flat for () {
    const LEN: usize = 0;
    type Or<B: Flat> = B;
    type After<A: Flat> = A;
    #[inline(always)]
    fn flat(&mut self) -> &mut [f32] {
        &mut []
    }
}

impl<T: Tensor, const N: usize> Flat for [T; N] {
    const LEN: usize = N * T::LEN;
    type Or<B: Flat> = B::After<Self>;
    type After<A: Flat> = Larger<A, Self>;
    #[inline(always)]
    fn flat(&mut self) -> &mut [f32] {
        T::flat_all_mut(self)
    }
}

/// A buffer with room for the larger of two buffers. [`Flat::Or`] chooses it.
///
/// All bits of its zero are zero, so a static of it lies in `.bss`.
pub enum Larger<A, B> {
    /// The first buffer.
    First(A),
    /// The second buffer.
    Second(B),
}

impl<A: Zero, B: Zero> Zero for Larger<A, B> {
    // The choice has a word of its own, which is 0 for the first buffer. Or it uses the word of a buffer that is such a choice,
    // too: then it is 0 for this buffer, which is the larger one.
    const ZERO: Self = {
        let (own, a, b) = (size_of::<Self>(), size_of::<A>(), size_of::<B>());
        if own == b && a < b { Larger::Second(B::ZERO) } else { Larger::First(A::ZERO) }
    };
}

/// Sets a place to a value. Without optimisation, a value that is no constant would first be made on the stack. With
/// optimisation it is not, and a constant would take memory of its own.
macro_rules! set {
    ($place:expr, $value:expr) => {
        if cfg!(debug_assertions) { *$place = const { $value } } else { *$place = $value }
    };
}

impl<A: Flat, B: Flat> Flat for Larger<A, B> {
    const LEN: usize = if A::LEN < B::LEN { B::LEN } else { A::LEN };
    type Or<C: Flat> = C::After<Self>;
    type After<C: Flat> = Larger<C, Self>;

    // The variant is set first, so that the compiler knows the length of the slice.
    #[inline(always)]
    fn flat(&mut self) -> &mut [f32] {
        if const { A::LEN < B::LEN } {
            if matches!(self, Larger::First(_)) {
                set!(self, Larger::Second(B::ZERO));
            }
            if let Larger::Second(b) = self { b.flat() } else { &mut [] }
        } else {
            if matches!(self, Larger::Second(_)) {
                set!(self, Larger::First(A::ZERO));
            }
            if let Larger::First(a) = self { a.flat() } else { &mut [] }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_one_is_used() {
        fn check<A: Flat, B: Flat>(len: usize) {
            let mut buffer = Larger::<A, B>::ZERO;
            buffer.flat().fill(1.0);
            assert_eq!((buffer.flat().len(), Larger::<A, B>::LEN), (len, len));
            assert!(buffer.flat().iter().all(|x| *x == 1.0), "nothing is lost when it is asked for again");
        }
        check::<[f32; 3], [[f32; 2]; 4]>(8);
        check::<[[f32; 2]; 4], [f32; 3]>(8);
        check::<(), [f32; 3]>(3);
        check::<[f32; 3], ()>(3);
        check::<Larger<[f32; 1], [f32; 5]>, Larger<(), [f32; 4]>>(5);
    }
}
