use super::Schedule;

/// The same rate at every step, for example after a warm-up.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ConstantRate(pub f32);

crate::tensor::zeros!(ConstantRate { 0 });

impl Schedule for ConstantRate {
    const NAME: &'static str = "constant";

    fn rate(&self, _: u32) -> f32 {
        self.0
    }
}
