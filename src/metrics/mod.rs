//! Metrics, one a file: they take outputs and targets one by one and need no memory for them.
//!
//! To add one: a file, a line here, and a line in the list of `tests/common/catalogue.rs`.

mod binary_accuracy;
mod categorical_accuracy;

pub use binary_accuracy::BinaryAccuracy;
pub use categorical_accuracy::CategoricalAccuracy;

/// A figure of merit over a data set.
pub trait Metric<Y, T> {
    /// Takes one sample into account.
    fn add(&mut self, y: &Y, target: &T);

    /// Forgets all samples, for the next epoch.
    fn reset(&mut self);
}

/// No metric: the loss alone.
impl<Y, T> Metric<Y, T> for () {
    fn add(&mut self, _: &Y, _: &T) {}
    fn reset(&mut self) {}
}

impl<Y, T, A: Metric<Y, T>, B: Metric<Y, T>> Metric<Y, T> for (A, B) {
    fn add(&mut self, y: &Y, target: &T) {
        self.0.add(y, target);
        self.1.add(y, target);
    }

    fn reset(&mut self) {
        self.0.reset();
        self.1.reset();
    }
}

/// Hits among trials.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    hits: u32,
    total: u32,
}

impl Share {
    const NEW: Self = Share { hits: 0, total: 0 };

    fn add(&mut self, hit: bool) {
        self.hits += u32::from(hit);
        self.total += 1;
    }

    fn value(&self) -> f32 {
        if self.total == 0 { 0.0 } else { self.hits as f32 / self.total as f32 }
    }
}
