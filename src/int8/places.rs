use super::Bytes;

/// An int8 sample of places with channels, such as an [`Image`](super::Image).
pub trait Places: Bytes {
    /// One `T` per channel.
    type PerChannel<T: Copy + core::fmt::Debug>: Copy + core::fmt::Debug;
}

impl<const C: usize, const L: usize, const H: usize> Places for [[[u8; C]; L]; H] {
    type PerChannel<T: Copy + core::fmt::Debug> = [T; C];
}
