/// What [`Calibration`](super::Calibration) keeps of the numbers that a layer gives, and the range that follows from it.
pub trait Statistic: Copy + 'static {
    /// The statistic of no numbers.
    const NEW: Self;
    /// Sees more numbers.
    fn see(&mut self, numbers: &[f32]);
    /// Returns the smallest and the largest number that the int8 net shall hold.
    fn range(&self) -> [f32; 2];
}

/// Nothing is kept.
impl Statistic for () {
    const NEW: Self = ();

    fn see(&mut self, _: &[f32]) {}

    fn range(&self) -> [f32; 2] {
        [0.0; 2]
    }
}

/// The smallest and the largest number. It takes 8 bytes per layer; one outlier makes all steps coarser.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinMax([f32; 2]);

impl Statistic for MinMax {
    const NEW: Self = MinMax([0.0; 2]);

    fn see(&mut self, numbers: &[f32]) {
        let MinMax([min, max]) = self;
        for number in numbers.iter().filter(|number| number.is_finite()) {
            (*min, *max) = (min.min(*number), max.max(*number));
        }
    }

    fn range(&self) -> [f32; 2] {
        self.0
    }
}
