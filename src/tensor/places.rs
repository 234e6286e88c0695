//! Samples of places with channels: sequences and images, channels last.

use super::Tensor;

/// A sequence of `L` places with `C` channels: Keras' `(L, C)`.
///
/// ```
/// use baregrad::tensor::{Sequence, Tensor};
/// assert_eq!(Sequence::<128, 6>::SHAPE, [128, 6]);
/// ```
pub type Sequence<const L: usize, const C: usize> = [[f32; C]; L];

/// An image of `H` rows and `W` columns with `C` channels: Keras' `(H, W, C)`.
///
/// ```
/// use baregrad::tensor::{Image, Tensor};
/// assert_eq!(Image::<28, 28, 1>::SHAPE, [28, 28, 1]);
/// ```
pub type Image<const H: usize, const W: usize, const C: usize> = [[[f32; C]; W]; H];

/// A sample of places with channels: a [`Sequence`] or an [`Image`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a sequence nor an image",
    label = "a sequence is `[[f32; CHANNELS]; LENGTH]`, an image is `[[[f32; CHANNELS]; COLUMNS]; ROWS]`"
)]
pub trait Places: Tensor {
    /// One place: its channels.
    type Place: Tensor;
    /// One `T` per channel.
    type PerChannel<T: Tensor>: Tensor;
    /// Number of places.
    const COUNT: usize = Self::LEN / Self::Place::LEN;
    /// Number of rows of an image. A sequence is one row.
    const ROWS: usize = if Self::RANK == 3 { Self::AXES[0] } else { 1 };
    /// Number of places in each row.
    const COLUMNS: usize = Self::AXES[Self::RANK - 2];
}

/// Returns the name of a layer for sequences or for images, which Keras tells apart.
pub(crate) const fn by_rank<X: Places>(sequences: &'static str, images: &'static str) -> &'static str {
    if X::RANK == 2 { sequences } else { images }
}

impl<const L: usize, const C: usize> Places for [[f32; C]; L] {
    type Place = [f32; C];
    type PerChannel<T: Tensor> = [T; C];
}

impl<const H: usize, const W: usize, const C: usize> Places for [[[f32; C]; W]; H] {
    type Place = [f32; C];
    type PerChannel<T: Tensor> = [T; C];
}
