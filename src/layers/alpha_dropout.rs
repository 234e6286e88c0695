use super::dropout::{Factors, dropout};
use crate::kernels::sqrt::sqrt;
use crate::tensor::Sfc32;
use crate::tensor::rng::uniform;

/// In training, sets `PERCENT` % of its input to the least value of [`Selu`](crate::activations::Selu), then scales and
/// shifts all values so that mean 0 and variance 1 stay (Klambauer et al. 2017): Keras' `AlphaDropout(PERCENT / 100)`, for
/// samples of any shape.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<8, 16, Selu>, AlphaDropout<10>, Dense<16, 1>];
/// ```
#[derive(Clone)]
pub struct AlphaDropout<const PERCENT: u32>;

crate::tensor::debug!([const PERCENT: u32] AlphaDropout<PERCENT>);
dropout!(AlphaDropout, "AlphaDropout");

impl<const PERCENT: u32> AlphaDropout<PERCENT> {
    const RATE: f32 = PERCENT as f32 / 100.0;
    /// −λα of selu.
    const LEAST: f32 = -1.758_099_3;
}

// The factor is 0 or a, and the output is a · x + b: a = ((1 − p)(1 + p · least²))^−½, b = −a · least · p.
impl<const PERCENT: u32> Factors for AlphaDropout<PERCENT> {
    fn numbers() -> [f32; 2] {
        let a = 1.0 / sqrt((1.0 - Self::RATE) * (1.0 + Self::RATE * Self::LEAST * Self::LEAST));
        [a, -a * Self::LEAST * Self::RATE]
    }

    fn draw([a, _]: [f32; 2], rng: &mut Sfc32) -> f32 {
        if uniform(rng) < Self::RATE { 0.0 } else { a }
    }

    fn apply([a, b]: [f32; 2], x: f32, factor: f32) -> f32 {
        a * (if factor == 0.0 { Self::LEAST } else { x }) + b
    }
}
