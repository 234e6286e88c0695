use super::{Bytes, Places};

/// A [`Sequence`](super::Sequence), which a layer takes as an image whose rows have one place each.
pub trait Line: Bytes {
    /// The image.
    type Image: Places;
}

impl<const C: usize, const L: usize> Line for [[u8; C]; L] {
    type Image = [[[u8; C]; 1]; L];
}
