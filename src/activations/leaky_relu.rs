use super::{Activation, Lanes, No};

/// y = z above 0, `HUNDREDTHS / 100 · z` below. 20 as `keras.activations.leaky_relu`, 30 as Keras' layer, 1 as PyTorch.
pub struct LeakyRelu<const HUNDREDTHS: u32 = 20>;

impl<const HUNDREDTHS: u32> Activation for LeakyRelu<HUNDREDTHS> {
    const NAME: &'static str = "leaky_relu";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z.if_less(V::splat(0.0), z * V::splat(HUNDREDTHS as f32 / 100.0), z)
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        V::splat(0.0).if_less(y, V::splat(1.0), V::splat(HUNDREDTHS as f32 / 100.0))
    }
}
