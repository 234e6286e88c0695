/// Minimum and maximum of each feature, updated one sample at a time, for
/// [`Rescale::min_max`](crate::layers::Rescale::min_max).
///
/// ```
/// use baregrad::{data::MinMax, prelude::*};
/// let mut seen = MinMax::NEW;
/// for x in [[1.0, 7.0], [5.0, 7.0], [3.0, 7.0]] {
///     seen.update(&x);
/// }
/// let mut scaler = Rescale::<2>::NEW;
/// scaler.min_max(&seen);
/// assert_eq!((scaler.offset, scaler.scale), ([1.0, 7.0], [0.25, 1.0]));
/// ```
#[derive(Clone, Debug)]
pub struct MinMax<const N: usize> {
    min: [f32; N],
    max: [f32; N],
}

impl<const N: usize> MinMax<N> {
    /// Has seen no samples.
    pub const NEW: Self = MinMax { min: [f32::INFINITY; N], max: [f32::NEG_INFINITY; N] };

    /// Adds one sample; NaN is ignored.
    pub fn update(&mut self, x: &[f32; N]) {
        for ((x, min), max) in x.iter().zip(&mut self.min).zip(&mut self.max) {
            *min = min.min(*x);
            *max = max.max(*x);
        }
    }

    /// The minima; ∞ if there are no samples.
    pub fn min(&self) -> &[f32; N] {
        &self.min
    }

    /// The maxima; −∞ if there are no samples.
    pub fn max(&self) -> &[f32; N] {
        &self.max
    }
}
