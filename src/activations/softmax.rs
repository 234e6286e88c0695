use super::{Activation, Lanes, No};
use crate::kernels::softmax;

/// y = eᶻ / Σ eᶻ over the sample, stable at any z.
pub struct Softmax;

impl Activation for Softmax {
    const NAME: &'static str = "softmax";
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
        softmax::softmax(y);
    }

    #[inline(always)]
    fn chain_rule(y: &[f32], dy: &mut [f32]) {
        softmax::softmax_gradient(y, dy);
    }
}
