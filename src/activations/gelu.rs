use super::{Activation, Lanes, Yes, math};

const SQRT_2_OVER_PI: f32 = 0.797_884_6;
const CUBIC: f32 = 0.044_715;

/// y = z Φ(z) with the exact normal distribution Φ (Hendrycks & Gimpel 2016), the default of Keras and PyTorch.
pub struct Gelu;

impl Activation for Gelu {
    const NAME: &'static str = "gelu";
    type FromInput = Yes;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z * distribution(z)
    }

    #[inline(always)]
    fn slope<V: Lanes>(z: V) -> V {
        z.mul_add(math::normal_density(z), distribution(z))
    }
}

/// Φ(z) = (1 + erf(z / √2)) / 2.
#[inline(always)]
fn distribution<V: Lanes>(z: V) -> V {
    let half = z.splat(0.5);
    math::erf(z * z.splat(core::f32::consts::FRAC_1_SQRT_2)).mul_add(half, half)
}

/// y = z σ(2 u) with u = √(2/π) (z + 0.044715 z³): Keras' `gelu(approximate=True)`.
pub struct GeluTanh;

impl Activation for GeluTanh {
    const NAME: &'static str = "gelu_tanh";
    type FromInput = Yes;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z * gate(z)
    }

    #[inline(always)]
    fn slope<V: Lanes>(z: V) -> V {
        let s = gate(z);
        let inner = (z * z).mul_add(z.splat(3.0 * CUBIC), z.splat(1.0)) * z.splat(2.0 * SQRT_2_OVER_PI);
        // Where the gate is 0, the slope is 0, and z² may be infinite: 0 · ∞ would be NaN.
        let rise = z * s * gate(-z);
        rise.abs().if_less(z.splat(f32::MIN_POSITIVE), s, rise.mul_add(inner, s))
    }
}

/// σ(2 u) = (1 + tanh u) / 2.
#[inline(always)]
fn gate<V: Lanes>(z: V) -> V {
    let u = (z * z * z).mul_add(z.splat(CUBIC), z) * z.splat(2.0 * SQRT_2_OVER_PI);
    math::sigmoid(u)
}
