use super::{Activation, Lanes, No, math};

/// y = λ z above 0, λ α (eᶻ − 1) below (Klambauer et al. 2017). The slope at 0 is Keras', λ.
pub struct Selu;

const SCALE: f32 = 1.050_701;
const ALPHA: f32 = 1.673_263_2;

impl Activation for Selu {
    const NAME: &'static str = "selu";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        let negative = V::splat(SCALE * ALPHA) * math::exp_m1(z.min(V::splat(0.0)));
        z.if_less(V::splat(0.0), negative, z * V::splat(SCALE))
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        y.if_less(V::splat(0.0), y + V::splat(SCALE * ALPHA), V::splat(SCALE))
    }
}
