use super::Bytes;

/// An int8 sample of places with channels, an [`Image`](super::Image) or a [`Sequence`](super::Sequence).
pub trait Places: Bytes {
    /// The channels of one place.
    type Place: Bytes;
    /// One `T` per channel.
    type PerChannel<T: Copy + core::fmt::Debug>: Copy + core::fmt::Debug;
}

impl<const C: usize, const L: usize, const H: usize> Places for [[[u8; C]; L]; H] {
    type Place = [u8; C];
    type PerChannel<T: Copy + core::fmt::Debug> = [T; C];
}

impl<const C: usize, const L: usize> Places for [[u8; C]; L] {
    type Place = [u8; C];
    type PerChannel<T: Copy + core::fmt::Debug> = [T; C];
}
