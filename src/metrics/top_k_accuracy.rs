use super::{Metric, Share};
use crate::losses::Class;

/// Share of samples whose right class is among the `K` largest outputs. Targets are class numbers or one-hot arrays.
///
/// Keras' `TopKCategoricalAccuracy(k=K)` and `SparseTopKCategoricalAccuracy(k=K)`.
///
/// ```
/// use baregrad::metrics::{Metric, TopKAccuracy};
/// let mut accuracy = TopKAccuracy::<2>::new();
/// accuracy.add(&[0.2, 0.5, 0.3], &2_u8);
/// accuracy.add(&[0.2, 0.5, 0.3], &0_u8);
/// assert_eq!(accuracy.value(), 0.5);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TopKAccuracy<const K: usize> {
    share: Share,
}

impl<const K: usize> TopKAccuracy<K> {
    /// Makes a metric that has seen no samples.
    pub const fn new() -> Self {
        TopKAccuracy { share: Share::NEW }
    }

    /// The share so far; 0 if there are no samples.
    pub fn value(&self) -> f32 {
        self.share.value()
    }
}

impl<const N: usize, const K: usize, C: Class> Metric<[f32; N], C> for TopKAccuracy<K> {
    fn add(&mut self, y: &[f32; N], target: &C) {
        let right = y.get(target.class()).copied().unwrap_or(f32::NAN);
        self.share.add(right.is_finite() && y.iter().filter(|y| **y > right).count() < K);
    }

    fn reset(&mut self) {
        self.share = Share::NEW;
    }
}
