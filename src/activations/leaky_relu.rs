use super::{Activation, Lanes, No};
use crate::tensor::Architecture;

/// y = z for z > 0, z · `HUNDREDTHS` / 100 otherwise. `keras.activations.leaky_relu` has 20, Keras' layer has 30, PyTorch
/// has 1.
pub struct LeakyRelu<const HUNDREDTHS: u32 = 20>;

impl<const HUNDREDTHS: u32> Activation for LeakyRelu<HUNDREDTHS> {
    const NAME: &'static str = "leaky_relu";
    const ARCHITECTURE: Architecture = Architecture::NONE.word(Self::NAME).size(HUNDREDTHS as usize);
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z.if_less(z.splat(0.0), z * z.splat(HUNDREDTHS as f32 / 100.0), z)
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        y.splat(0.0).if_less(y, y.splat(1.0), y.splat(HUNDREDTHS as f32 / 100.0))
    }
}
