use super::{Activation, No};
use crate::kernels::softmax;

/// y = z − ln Σ eᶻ over each row, stable for any z.
pub struct LogSoftmax;

impl Activation for LogSoftmax {
    const NAME: &'static str = "log_softmax";
    type FromInput = No;
    const OF_ROW: bool = true;

    #[inline(always)]
    fn finish_row(y: &mut [f32]) {
        softmax::log_softmax(y);
    }

    #[inline(always)]
    fn chain_rule(y: &[f32], dy: Option<&[f32]>, dx: &mut [f32]) {
        softmax::log_softmax_gradient(y, dy, dx);
    }
}
