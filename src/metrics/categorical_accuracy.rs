use super::{Metric, Share};
use crate::kernels::reduce::argmax;
use crate::losses::Class;

/// Share of samples whose largest output belongs to the right class. Targets are class numbers or one-hot arrays.
#[derive(Clone, Debug, Default)]
pub struct CategoricalAccuracy {
    share: Share,
}

impl CategoricalAccuracy {
    /// Makes a metric that has seen no samples.
    pub const fn new() -> Self {
        CategoricalAccuracy { share: Share::NEW }
    }

    /// The share so far; 0 if there are no samples.
    pub fn value(&self) -> f32 {
        self.share.value()
    }
}

impl<const N: usize, C: Class> Metric<[f32; N], C> for CategoricalAccuracy {
    fn add(&mut self, y: &[f32; N], target: &C) {
        self.share.add(argmax(y) == target.class());
    }

    fn reset(&mut self) {
        self.share = Share::NEW;
    }
}
