use super::dropout::{Factors, dropout};
use crate::kernels::sqrt::sqrt;
use crate::tensor::Sfc32;
use crate::tensor::rng::normal;

/// In training, multiplies by noise with mean 1 and standard deviation √(p / (1 − p)), where p is `PERCENT` / 100
/// (Srivastava et al. 2014, section 10): Keras' `GaussianDropout(p)`, for samples of any shape.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<8, 16, Relu>, GaussianDropout<20>, Dense<16, 1>];
/// ```
#[derive(Clone)]
pub struct GaussianDropout<const PERCENT: u32>;

crate::tensor::debug!([const PERCENT: u32] GaussianDropout<PERCENT>);
dropout!(GaussianDropout, "GaussianDropout");

impl<const PERCENT: u32> Factors for GaussianDropout<PERCENT> {
    fn numbers() -> [f32; 2] {
        [sqrt(PERCENT as f32 / (100 - PERCENT) as f32), 0.0]
    }

    fn draw([deviation, _]: [f32; 2], rng: &mut Sfc32) -> f32 {
        1.0 + normal(rng) * deviation
    }
}
