use super::{Loss, checked};
use crate::kernels::Lanes;
use crate::kernels::reduce::{self, Product};

/// max(1 + max (1 − t) y − Σ t y, 0) for one-hot targets, as in Keras. It is 0 once the output of the right class is larger
/// than all others by 1; where it has just become 0, it still has a slope. If several outputs are the largest, they share the
/// slope.
///
/// ```
/// use baregrad::losses::{CategoricalHinge, Loss};
/// assert_eq!(CategoricalHinge.value(&[2.0, 1.5, -1.0], &[1.0, 0.0, 0.0]), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CategoricalHinge;

/// Returns the largest (1 − t) y, and the loss before it is bounded by 0.
fn margin<const N: usize>(y: &[f32; N], target: &[f32; N]) -> (f32, f32) {
    let rival = rivals(y, target).fold(f32::NEG_INFINITY, Lanes::max);
    (rival, 1.0 + rival - reduce::sum(&Product, target, y))
}

fn rivals(y: &[f32], target: &[f32]) -> impl Iterator<Item = f32> {
    y.iter().zip(target).map(|(y, t)| (1.0 - t) * y)
}

/// Returns the largest of 0 and x; NaN stays NaN.
fn bounded(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

impl<const N: usize> Loss<[f32; N], [f32; N]> for CategoricalHinge {
    const NAME: &'static str = "categorical_hinge";

    fn value(&self, y: &[f32; N], target: &[f32; N]) -> f32 {
        bounded(margin(y, target).1)
    }

    fn gradient(&self, y: &[f32; N], target: &[f32; N], scale: f32, dy: &mut [f32; N]) -> f32 {
        let (rival, loss) = margin(y, target);
        let scale = if loss < 0.0 { 0.0 } else { scale };
        let share = 1.0 / rivals(y, target).filter(|other| *other == rival).count() as f32;
        for ((dy, t), other) in dy.iter_mut().zip(target).zip(rivals(y, target)) {
            *dy = scale * (if other == rival { (1.0 - t) * share } else { 0.0 } - t);
        }
        checked(bounded(loss), dy)
    }
}
