use super::Loss;
use crate::kernels::reduce::{self, Product};

/// max(1 + max (1 − t) y − Σ t y, 0) for one-hot targets, as in Keras. It is 0 once the output of the right class is larger
/// than all others by 1.
///
/// ```
/// use baregrad::losses::{CategoricalHinge, Loss};
/// assert_eq!(CategoricalHinge.value(&[2.0, 1.5, -1.0], &[1.0, 0.0, 0.0]), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CategoricalHinge;

/// Returns the largest (1 − t) y, and the first index where it occurs.
fn rival<const N: usize>(y: &[f32; N], target: &[f32; N]) -> (usize, f32) {
    let rivals = y.iter().zip(target).map(|(y, t)| (1.0 - t) * y);
    rivals.enumerate().fold((0, f32::NEG_INFINITY), |best, next| if best.1 < next.1 { next } else { best })
}

impl<const N: usize> Loss<[f32; N], [f32; N]> for CategoricalHinge {
    const NAME: &'static str = "categorical_hinge";

    fn value(&self, y: &[f32; N], target: &[f32; N]) -> f32 {
        let loss = 1.0 + rival(y, target).1 - reduce::sum(&Product, target, y);
        // NaN stays NaN.
        if loss < 0.0 { 0.0 } else { loss }
    }

    fn gradient(&self, y: &[f32; N], target: &[f32; N], scale: f32, dy: &mut [f32; N]) -> f32 {
        let (at, loss) = (rival(y, target).0, self.value(y, target));
        let scale = if loss == 0.0 { 0.0 } else { scale };
        for (i, (dy, t)) in dy.iter_mut().zip(target).enumerate() {
            *dy = scale * (if i == at { 1.0 - t } else { 0.0 } - t);
        }
        loss
    }
}
