use super::{Activation, Lanes, No};
use crate::kernels::softmax;

/// y = z − ln Σ eᶻ over the sample, stable at any z.
pub struct LogSoftmax;

impl Activation for LogSoftmax {
    const NAME: &'static str = "log_softmax";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        let _ = y;
        V::splat(1.0)
    }

    #[inline(always)]
    fn finish_sample(y: &mut [f32]) {
        softmax::log_softmax(y);
    }

    #[inline(always)]
    fn chain_rule(y: &[f32], dy: &mut [f32]) {
        softmax::log_softmax_gradient(y, dy);
    }
}
