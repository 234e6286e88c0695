//! The two buffers of the walk back, which swap their roles from layer to layer.

use crate::tensor::Flat;

/// In which of two buffers a layer leaves the gradient of its input, as a type.
///
/// On the way back, `dy` lies at the front of the first buffer. In a forward pass through the buffers
/// ([`Layer::cross`](super::Layer::cross)), `y` is left in the first buffer, and `x` lies on this side.
pub trait Side: 'static {
    /// Whether this side is the first buffer.
    const SAME: bool;
    /// The other side.
    type Not: Side;
    /// Where side `S` of a layer lies, if the first buffer of that layer is on this side.
    type Then<S: Side>: Side;
    /// The room that the first buffer needs, if a layer whose first buffer is on this side needs `P` first and `Q` second.
    type First<P: Flat, Q: Flat>: Flat;
    /// The room that the second buffer needs.
    type Second<P: Flat, Q: Flat>: Flat;
    /// Returns both buffers, the one on this side first.
    fn order<T>(first: T, second: T) -> (T, T);
}

/// The buffer that holds `dy`.
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
