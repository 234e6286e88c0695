//! The two buffers of a walk through a net, which swap their roles from layer to layer.

use crate::tensor::Flat;

/// In which of two buffers a layer leaves the gradient of its input, as a type.
///
/// On the way back, `dy` lies at the front of the first buffer. Forward through the buffers it is the other way round: `y` is
/// left in the first one, and `x` lies on this side.
pub trait Side: 'static {
    /// Whether it is the first buffer.
    const SAME: bool;
    /// The other side.
    type Not: Side;
    /// This side of a layer whose own first buffer lies on side `S`.
    type Then<S: Side>: Side;
    /// What the first buffer must have room for, if a layer whose first buffer is this side needs `P` and `Q`.
    type First<P: Flat, Q: Flat>: Flat;
    /// The same for the second buffer.
    type Second<P: Flat, Q: Flat>: Flat;
    /// Both buffers, this side first.
    fn order<T>(first: T, second: T) -> (T, T);
}

/// The buffer of `dy` itself.
pub struct Same;

/// The other buffer.
pub struct Other;

impl Side for Same {
    const SAME: bool = true;
    type Not = Other;
    type Then<S: Side> = S;
    type First<P: Flat, Q: Flat> = P;
    type Second<P: Flat, Q: Flat> = Q;
    #[inline(always)]
    fn order<T>(first: T, second: T) -> (T, T) {
        (first, second)
    }
}

impl Side for Other {
    const SAME: bool = false;
    type Not = Same;
    type Then<S: Side> = S::Not;
    type First<P: Flat, Q: Flat> = Q;
    type Second<P: Flat, Q: Flat> = P;
    #[inline(always)]
    fn order<T>(first: T, second: T) -> (T, T) {
        (second, first)
    }
}
