use super::{Hits, Metric, Share};
use crate::kernels::reduce::argmax;
use crate::losses::Class;
use core::fmt;

/// Counts samples by true class and predicted class, for `N` classes. Targets are class numbers or one-hot arrays.
///
/// A net with one output distinguishes two classes: `ConfusionMatrix<2>` splits the output at ½, or at a
/// [threshold](ConfusionMatrix::with_threshold).
///
/// ```
/// use baregrad::metrics::{ConfusionMatrix, Metric};
/// let mut matrix = ConfusionMatrix::<3>::new();
/// matrix.add(&[0.9, 0.1, 0.0], &0_u8);
/// matrix.add(&[0.6, 0.3, 0.1], &1_u8);
/// matrix.add(&[0.1, 0.2, 0.7], &2_u8);
/// assert_eq!((matrix.counts[1][0], matrix.accuracy(), matrix.precision(0)), (1, 2.0 / 3.0, 0.5));
/// println!("{matrix}");
/// # assert_eq!(matrix.to_string(), "
/// # true \\ said      0      1      2
/// #           0      1      0      0
/// #           1      1      0      0
/// #           2      0      0      1
/// # ".trim_start_matches('\n'));
/// ```
#[derive(Clone, Debug)]
pub struct ConfusionMatrix<const N: usize> {
    /// Number of samples: `counts[true class][predicted class]`.
    pub counts: [[u64; N]; N],
    /// Number of samples whose true class is not below `N`. [`accuracy`](Self::accuracy) counts them as wrong; they are in no
    /// other figure.
    pub out_of_range: u64,
    threshold: f32,
}

impl ConfusionMatrix<2> {
    /// Splits the single output of a net at `threshold`, for example 0 for logits. It has no effect on nets with two outputs.
    pub const fn with_threshold(threshold: f32) -> Self {
        ConfusionMatrix { threshold, ..Self::new() }
    }
}

impl<const N: usize> ConfusionMatrix<N> {
    /// Makes a matrix that has seen no samples.
    pub const fn new() -> Self {
        ConfusionMatrix { counts: [[0; N]; N], out_of_range: 0, threshold: 0.5 }
    }

    /// Share of samples whose class was predicted; 0 if there are no samples.
    pub fn accuracy(&self) -> f32 {
        let hits = self.counts.iter().enumerate().filter_map(|(class, row)| row.get(class)).sum();
        let total = self.counts.as_flattened().iter().sum::<u64>() + self.out_of_range;
        Share { hits, total }.value()
    }

    /// Share of the samples predicted as `class` that belong to it.
    pub fn precision(&self, class: usize) -> f32 {
        self.hits(class).precision()
    }

    /// Share of the samples of `class` that were predicted as such.
    pub fn recall(&self, class: usize) -> f32 {
        self.hits(class).recall()
    }

    /// The harmonic mean of the class's precision and recall.
    pub fn f1(&self, class: usize) -> f32 {
        self.hits(class).f1()
    }

    /// The mean of [`f1`](Self::f1) over all classes: Keras' `F1Score(average="macro")`.
    pub fn macro_f1(&self) -> f32 {
        (0..N).map(|class| self.f1(class)).sum::<f32>() / N as f32
    }

    fn hits(&self, class: usize) -> Hits {
        let column = self.counts.iter().filter_map(|row| row.get(class));
        let row = self.counts.get(class).map_or(&[][..], |row| row);
        let right = row.get(class).copied().unwrap_or(0);
        Hits { right, wrong: column.sum::<u64>() - right, missed: row.iter().sum::<u64>() - right }
    }

    fn count(&mut self, target: usize, said: usize) {
        let count = self.counts.get_mut(target).and_then(|row| row.get_mut(said));
        *count.unwrap_or(&mut self.out_of_range) += 1;
    }
}

impl<const N: usize> Default for ConfusionMatrix<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, C: Class> Metric<[f32; N], C> for ConfusionMatrix<N> {
    fn add(&mut self, y: &[f32; N], target: &C) {
        self.count(target.class(), argmax(y));
    }

    fn reset(&mut self) {
        *self = ConfusionMatrix { threshold: self.threshold, ..Self::new() };
    }
}

impl<C: Class> Metric<[f32; 1], C> for ConfusionMatrix<2> {
    fn add(&mut self, [y]: &[f32; 1], target: &C) {
        self.count(target.label(), usize::from(*y > self.threshold));
    }

    fn reset(&mut self) {
        *self = ConfusionMatrix { threshold: self.threshold, ..Self::new() };
    }
}

/// A table with a row per true class, and the number of samples out of range, if there are any.
impl<const N: usize> fmt::Display for ConfusionMatrix<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "true \\ said")?;
        for class in 0..N {
            write!(f, " {class:>6}")?;
        }
        for (class, row) in self.counts.iter().enumerate() {
            write!(f, "\n{class:>11}")?;
            for count in row {
                write!(f, " {count:>6}")?;
            }
        }
        if self.out_of_range > 0 {
            write!(f, "\nout of range {:>5}", self.out_of_range)?;
        }
        writeln!(f)
    }
}
