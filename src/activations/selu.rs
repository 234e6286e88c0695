use super::{Activation, Lanes, No, math};

/// y = λ z for z > 0, λ α (eᶻ − 1) otherwise (Klambauer et al. 2017). The slope at 0 is λ, as in Keras.
pub struct Selu;

const SCALE: f32 = 1.050_701;
const ALPHA: f32 = 1.673_263_2;

impl Activation for Selu {
    const NAME: &'static str = "selu";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        let negative = z.splat(SCALE * ALPHA) * math::exp_m1(z.min(z.splat(0.0)));
        z.if_less(z.splat(0.0), negative, z * z.splat(SCALE))
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        y.if_less(y.splat(0.0), y + y.splat(SCALE * ALPHA), y.splat(SCALE))
    }
}
