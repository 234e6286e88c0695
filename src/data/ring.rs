use crate::tensor::{Zero, front};

/// The last `N` samples of a stream: a new sample replaces the oldest.
///
/// ```
/// use baregrad::data::Ring;
/// let mut last = Ring::<[f32; 2], u8, 3>::NEW;
/// for i in 0..5 {
///     last.push([f32::from(i), 0.5], i);
/// }
/// assert_eq!(last.targets(), [3, 4, 2]); // not in the order of time, which training does not need
/// ```
pub struct Ring<X, T, const N: usize> {
    x: [X; N],
    targets: [T; N],
    len: usize,
    next: usize,
}

impl<X: Zero, T: Zero, const N: usize> Ring<X, T, N> {
    /// Holds no samples.
    pub const NEW: Self = Ring { x: Zero::ZERO, targets: Zero::ZERO, len: 0, next: 0 };

    /// Adds a sample and its target.
    pub fn push(&mut self, x: X, target: T) {
        if let (Some(kept_x), Some(kept_target)) = (self.x.get_mut(self.next), self.targets.get_mut(self.next)) {
            (*kept_x, *kept_target) = (x, target);
            self.next = if self.next + 1 < N { self.next + 1 } else { 0 };
            self.len = N.min(self.len + 1);
        }
    }

    /// The samples kept, for `fit`.
    pub fn x(&self) -> &[X] {
        front(&self.x, self.len)
    }

    /// Their targets.
    pub fn targets(&self) -> &[T] {
        front(&self.targets, self.len)
    }

    /// Forgets all samples.
    pub fn clear(&mut self) {
        (self.len, self.next) = (0, 0);
    }
}
