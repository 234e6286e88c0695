//! Updates beside the weights, some at a time, for a training step in pieces.

use super::{MomentsOf, Optimizer, Tensor, update};
use crate::kernels::update::PIECE;

/// Which of a net's trainable parameters to update: so many, after so many others.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// How many to pass over.
    pub skip: usize,
    /// How many to update then.
    pub count: usize,
}

impl Window {
    /// The part of a tensor of `len` values that falls into it; it then goes on behind the tensor.
    fn take(&mut self, len: usize) -> core::ops::Range<usize> {
        let start = self.skip.min(len);
        let count = self.count.min(len - start);
        self.skip -= start;
        self.count -= count;
        start..start + count
    }
}

/// The part of an update of `w` that falls into the window: the new weights take the place of the gradient.
pub fn update_staged<T: Tensor, O: Optimizer>(
    optimizer: &O,
    w: &T,
    grad: &mut T,
    moments: &mut MomentsOf<O, T>,
    window: &mut Window,
) {
    let part = window.take(T::LEN);
    let mut piece = [0.0; PIECE];
    let mut start = part.start;
    while start < part.end {
        let end = part.end.min(start + PIECE);
        let piece = piece.get_mut(..end - start).unwrap_or_default();
        let (old, slot) = (w.flat().get(start..end), grad.flat_mut().get_mut(start..end));
        for ((g, slot), old) in piece.iter_mut().zip(slot.unwrap_or_default()).zip(old.unwrap_or_default()) {
            *g = *slot;
            *slot = *old;
        }
        update(optimizer, grad, start, &*piece, moments);
        start = end;
    }
}
