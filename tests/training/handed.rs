use baregrad::losses::Loss;
use baregrad::tensor::Tensor;

/// A loss whose gradient is the target itself, times the share of the sample. Its value is 1, or NaN if the target has a NaN.
#[derive(Default)]
pub struct Handed;

impl<Y: Tensor> Loss<Y, Y> for Handed {
    const NAME: &'static str = "handed";

    fn value(&self, _: &Y, target: &Y) -> f32 {
        if target.flat().iter().any(|t| t.is_nan()) { f32::NAN } else { 1.0 }
    }

    fn gradient(&self, y: &Y, target: &Y, scale: f32, dy: &mut Y) -> f32 {
        for (t, dy) in target.flat().iter().zip(dy.flat_mut()) {
            *dy = scale * t;
        }
        self.value(y, target)
    }
}
