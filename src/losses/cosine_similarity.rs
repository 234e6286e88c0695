use super::Loss;
use crate::kernels::Lanes;
use crate::kernels::reduce::{self, Product};

/// −Σ t y / (|t| |y|), as in Keras: −1 if output and target have the same direction, 1 if they have opposite directions.
///
/// If the output or the target is all zeros, the loss and its gradient are 0. PyTorch's `CosineEmbeddingLoss` is this loss
/// plus 1.
///
/// ```
/// use baregrad::losses::{CosineSimilarity, Loss};
/// assert_eq!(CosineSimilarity.value(&[3.0, 0.0], &[0.5, 0.0]), -1.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CosineSimilarity;

/// Computes 1 / |x|, or 0 if x is all zeros. If the sum of squares overflows, it returns NaN, so that the overflow shows in
/// the loss.
fn reciprocal_length(x: &[f32]) -> f32 {
    let square = reduce::sum(&Product, x, x);
    match square {
        0.0 => 0.0,
        f32::INFINITY => f32::NAN,
        _ => 1.0 / Lanes::sqrt(square),
    }
}

impl<const N: usize> Loss<[f32; N], [f32; N]> for CosineSimilarity {
    const NAME: &'static str = "cosine_similarity";

    fn value(&self, y: &[f32; N], target: &[f32; N]) -> f32 {
        -reduce::sum(&Product, y, target) * reciprocal_length(y) * reciprocal_length(target)
    }

    // −(t / |t| + loss · y / |y|) / |y|
    fn gradient(&self, y: &[f32; N], target: &[f32; N], scale: f32, dy: &mut [f32; N]) -> f32 {
        let (of_y, of_target) = (reciprocal_length(y), reciprocal_length(target));
        let loss = self.value(y, target);
        for ((dy, y), t) in dy.iter_mut().zip(y).zip(target) {
            *dy = -(t * of_target + loss * y * of_y) * of_y * scale;
        }
        loss
    }
}
