use super::Tensor;

/// A sample that can come step by step: the places of a [`Sequence`](super::Sequence) or the rows of an
/// [`Image`](super::Image), one after another. A row of numbers is a single step.
///
/// ```
/// use baregrad::tensor::{Image, Sequence, Steps};
/// let _: <Sequence<128, 6> as Steps>::Step = [0.0; 6];
/// let _: <Image<49, 10, 1> as Steps>::Step = [[0.0]; 10];
/// let _: <[f32; 10] as Steps>::Step = [0.0; 10];
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no steps",
    label = "a sample comes step by step if it is a sequence, an image, or a row of numbers"
)]
pub trait Steps: Tensor {
    /// One step.
    type Step: Tensor;
}

impl<const N: usize> Steps for [f32; N] {
    type Step = [f32; N];
}

impl<T, const N: usize, const L: usize> Steps for [[T; N]; L]
where
    Self: Tensor,
    [T; N]: Tensor,
{
    type Step = [T; N];
}

/// Number of steps without the padding at the end: steps whose numbers are all 0.
#[inline(always)]
pub(crate) fn length<S: Tensor>(steps: &[S]) -> usize {
    steps.iter().rposition(|step| step.flat().iter().any(|value| *value != 0.0)).map_or(0, |last| last + 1)
}
