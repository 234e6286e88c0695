use super::{Activation, No};
use crate::kernels::softmax;

/// y = eᶻ / Σ eᶻ over each sample, stable for any z.
pub struct Softmax;

impl Activation for Softmax {
    const NAME: &'static str = "softmax";
    type FromInput = No;

    #[inline(always)]
    fn finish_sample(y: &mut [f32]) {
        softmax::softmax(y);
    }

    #[inline(always)]
    fn chain_rule(y: &[f32], dy: Option<&[f32]>, dx: &mut [f32]) {
        softmax::softmax_gradient(y, dy, dx);
    }
}
