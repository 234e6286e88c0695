use super::{Activation, No};
use crate::kernels::softmax;

/// y = eᶻ / Σ eᶻ over each row, stable for any z.
pub struct Softmax;

impl Activation for Softmax {
    const NAME: &'static str = "softmax";
    type FromInput = No;
    const OF_ROW: bool = true;

    #[inline(always)]
    fn finish_row(y: &mut [f32]) {
        softmax::softmax(y);
    }

    #[inline(always)]
    fn chain_rule(y: &[f32], dy: Option<&[f32]>, dx: &mut [f32]) {
        softmax::softmax_gradient(y, dy, dx);
    }
}
