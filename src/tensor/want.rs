//! Answers to yes-or-no questions as types, so that memory that nobody wants does not exist.

use super::{Flat, Zero};

/// Whether something is wanted, as a type.
pub trait Want: 'static {
    /// The answer as a constant.
    const YES: bool;
    /// The opposite answer.
    type Not: Want;
    /// [`Yes`] if this is `Yes`, otherwise the answer `W`. For [`Through`] it is always `Yes`.
    type Or<W: Want>: Want;
    /// `T` if it is wanted, otherwise `()`.
    type Of<T: Zero>: Zero;
    /// The buffer `T` if it is wanted, otherwise an empty one.
    type Room<T: Flat>: Flat;
    /// Returns the value, if it is wanted.
    fn get<T: Zero>(value: &Self::Of<T>) -> Option<&T>;
    /// Returns the value, if it is wanted, to change it.
    fn get_mut<T: Zero>(value: &mut Self::Of<T>) -> Option<&mut T>;
}

/// It is wanted.
pub struct Yes;

/// It is not wanted.
pub struct No;

/// It is not wanted at the first layer, but it is wanted between any two layers. A forward pass that keeps no trace uses it
/// to size its buffers.
pub struct Through;

#[rustfmt::skip]
macro_rules! nothing {
    ($($or:tt)*) => {
        const YES: bool = false;
        type Not = Yes;
        type Or<W: Want> = $($or)*;
        type Of<T: Zero> = ();
        type Room<T: Flat> = ();
        #[inline(always)]
        fn get<T: Zero>((): &()) -> Option<&T> { None }
        #[inline(always)]
        fn get_mut<T: Zero>((): &mut ()) -> Option<&mut T> { None }
    };
}

impl Want for No {
    nothing!(W);
}

impl Want for Through {
    nothing!(Yes);
}

impl Want for Yes {
    const YES: bool = true;
    type Not = No;
    type Or<W: Want> = Yes;
    type Of<T: Zero> = T;
    type Room<T: Flat> = T;
    #[inline(always)]
    fn get<T: Zero>(value: &T) -> Option<&T> {
        Some(value)
    }
    #[inline(always)]
    fn get_mut<T: Zero>(value: &mut T) -> Option<&mut T> {
        Some(value)
    }
}
