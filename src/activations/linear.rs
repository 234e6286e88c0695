use super::{Activation, No};

/// y = z.
pub struct Linear;

impl Activation for Linear {
    const NAME: &'static str = "linear";
    type FromInput = No;

    #[inline(always)]
    fn chain_rule(_: &[f32], _: &mut [f32]) {}
}
