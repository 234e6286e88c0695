//! The activations in f64, by their names.

/// An activation of a whole sample, by its name.
pub fn activate(name: &str, z: &[f64]) -> Vec<f64> {
    let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = z.iter().map(|z| (z - largest).exp()).sum();
    match name {
        "softmax" => z.iter().map(|z| (z - largest).exp() / sum).collect(),
        "log_softmax" => z.iter().map(|z| z - largest - sum.ln()).collect(),
        _ => z.iter().map(|z| value(name, *z)).collect(),
    }
}

pub const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
pub const SELU_ALPHA: f64 = 1.673_263_242_354_377_3;
const SQRT_2_PI: f64 = 2.506_628_274_631_000_7;

fn sigmoid(z: f64) -> f64 {
    if z < 0.0 { z.exp() / (1.0 + z.exp()) } else { 1.0 / (1.0 + (-z).exp()) }
}

/// Φ(z), by the complementary error function, which keeps the lower tail.
fn normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z * core::f64::consts::FRAC_1_SQRT_2)
}

fn gelu_inner(z: f64) -> f64 {
    (2.0 / core::f64::consts::PI).sqrt() * (z + 0.044_715 * z * z * z)
}

/// An activation of one number.
pub fn value(name: &str, z: f64) -> f64 {
    match name {
        "linear" => z,
        "relu" => z.max(0.0),
        "relu6" => z.clamp(0.0, 6.0),
        "leaky_relu" => z.max(0.2 * z),
        "elu" if z < 0.0 => z.exp_m1(),
        "elu" => z,
        "selu" if z < 0.0 => SELU_SCALE * SELU_ALPHA * z.exp_m1(),
        "selu" => SELU_SCALE * z,
        "gelu" => z * normal(z),
        "gelu_tanh" => z * sigmoid(2.0 * gelu_inner(z)),
        "silu" => z * sigmoid(z),
        "sigmoid" => sigmoid(z),
        "tanh" => z.tanh(),
        "softplus" => z.max(0.0) + (-z.abs()).exp().ln_1p(),
        "softsign" => z / (1.0 + z.abs()),
        "hard_sigmoid" => (z + 3.0).clamp(0.0, 6.0) / 6.0,
        "hard_swish" => z * (z + 3.0).clamp(0.0, 6.0) / 6.0,
        _ => panic!("naive/activations.rs has no activation `{name}`"),
    }
}

/// The derivative of [`value`].
pub fn slope(name: &str, z: f64) -> f64 {
    let step = |condition: bool| f64::from(u8::from(condition));
    match name {
        "linear" => 1.0,
        "relu" => step(z > 0.0),
        "relu6" => step(0.0 < z && z < 6.0),
        "leaky_relu" => 0.2 + 0.8 * step(z > 0.0),
        "elu" => z.min(0.0).exp(),
        "selu" if z < 0.0 => SELU_SCALE * SELU_ALPHA * z.exp(),
        "selu" => SELU_SCALE,
        "gelu" => normal(z) + z * (-0.5 * z * z).exp() / SQRT_2_PI,
        "gelu_tanh" => {
            let s = sigmoid(2.0 * gelu_inner(z));
            s + z * s * (1.0 - s) * 2.0 * (2.0 / core::f64::consts::PI).sqrt() * (1.0 + 3.0 * 0.044_715 * z * z)
        }
        "silu" => sigmoid(z) * (1.0 + z * (1.0 - sigmoid(z))),
        "sigmoid" => sigmoid(z) * (1.0 - sigmoid(z)),
        "tanh" => 1.0 - z.tanh() * z.tanh(),
        "softplus" => sigmoid(z),
        "softsign" => (1.0 + z.abs()).powi(-2),
        "hard_sigmoid" => step(-3.0 < z && z < 3.0) / 6.0,
        "hard_swish" if z < -3.0 => 0.0,
        "hard_swish" if z < 3.0 => z / 3.0 + 0.5,
        "hard_swish" => 1.0,
        _ => panic!("naive/activations.rs has no activation `{name}`"),
    }
}

/// `dy` times the Jacobian of [`activate`].
pub fn chain_rule(name: &str, z: &[f64], dy: &[f64]) -> Vec<f64> {
    let y = activate(name, z);
    let sum: f64 = dy.iter().sum();
    let dot: f64 = y.iter().zip(dy).map(|(y, dy)| y * dy).sum();
    match name {
        "softmax" => y.iter().zip(dy).map(|(y, dy)| y * (dy - dot)).collect(),
        "log_softmax" => y.iter().zip(dy).map(|(y, dy)| dy - y.exp() * sum).collect(),
        _ => z.iter().zip(dy).map(|(z, dy)| dy * slope(name, *z)).collect(),
    }
}
