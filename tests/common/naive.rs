//! The same mathematics in f64, as plainly as it can be written.

use baregrad::layer::Layer;
use baregrad::{LayerInfo, Params};

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

const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_3;
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
        _ => panic!("naive.rs has no activation `{name}`"),
    }
}

/// The derivative of [`value`].
pub fn slope(name: &str, z: f64) -> f64 {
    let step = |condition: bool| f64::from(u8::from(condition));
    match name {
        "linear" => 1.0,
        "relu" => step(z > 0.0),
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
        _ => panic!("naive.rs has no activation `{name}`"),
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

/// `x · w + b` for one sample; `w` is `[in][out]`.
pub fn affine(x: &[f64], w: &[f64], b: &[f64]) -> Vec<f64> {
    let o = b.len();
    (0..o).map(|j| b[j] + (0..x.len()).map(|i| x[i] * w[i * o + j]).sum::<f64>()).collect()
}

/// `dy · wᵀ` for one sample with `inputs` inputs.
pub fn input_gradient(dy: &[f64], w: &[f64], inputs: usize) -> Vec<f64> {
    let o = dy.len();
    (0..inputs).map(|i| (0..o).map(|j| dy[j] * w[i * o + j]).sum()).collect()
}

/// `(xᵀ · dy, Σ dy)` over all samples.
pub fn weight_gradient(x: &[Vec<f64>], dy: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let (inputs, o) = (x[0].len(), dy[0].len());
    let entry = |i: usize, j: usize| x.iter().zip(dy).map(|(x, dy)| x[i] * dy[j]).sum::<f64>();
    let dw = (0..inputs * o).map(|at| entry(at / o, at % o)).collect();
    (dw, (0..o).map(|j| dy.iter().map(|dy| dy[j]).sum()).collect())
}

/// `(x − mean) / √(variance + ε) · gamma + beta`.
pub fn layer_norm(x: &[f64], gamma: &[f64], beta: &[f64], epsilon: f64) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (0..x.len()).map(|i| (x[i] - mean) / (variance + epsilon).sqrt() * gamma[i] + beta[i]).collect()
}

/// A net in f64: its lines of the summary, and all its weights in their order.
pub struct Net {
    pub lines: Vec<LayerInfo>,
    /// Weights of each layer.
    pub weights: Vec<Vec<f64>>,
    /// The factors of each dropout layer.
    pub masks: Vec<Vec<f64>>,
}

impl Net {
    /// The twin of `L`. The kernels of frozen layers are taken from `kernels`, where those of all layers stand; their
    /// biases are zeros, their gains ones.
    pub fn of<const N: usize, L: Layer<[f32; N]> + Params>(trainable: &[f64], kernels: &[Vec<f32>]) -> Self {
        let mut lines = Vec::new();
        L::describe(&mut |line| lines.push(line));
        Self::of_lines(lines, trainable, kernels)
    }

    fn of_lines(lines: Vec<LayerInfo>, trainable: &[f64], kernels: &[Vec<f32>]) -> Self {
        let (mut rest, mut kernels) = (trainable, kernels.iter());
        let mut weights = Vec::new();
        for line in &lines {
            let kernel = if line.kind == "Dense" { kernels.next() } else { None };
            weights.push(if line.trainable > 0 {
                let (own, after) = rest.split_at(line.trainable);
                rest = after;
                own.to_vec()
            } else {
                let mut own: Vec<f64> = kernel.map_or(vec![1.0; line.parameters / 2], |k| super::numbers::widen(k));
                own.resize(line.parameters, 0.0);
                own
            });
        }
        Net { lines, weights, masks: Vec::new() }
    }

    /// The weights that training changes, each by its layer and place.
    pub fn trainable(&self) -> Vec<(usize, usize)> {
        let places = |l: usize| (0..self.lines[l].trainable).map(move |i| (l, i));
        (0..self.lines.len()).flat_map(places).collect()
    }

    pub fn forward(&self, x: &[f64]) -> Vec<f64> {
        let (mut x, mut masks) = (x.to_vec(), self.masks.iter());
        for (line, weights) in self.lines.iter().zip(&self.weights) {
            x = match line.kind {
                "Dense" => {
                    let (w, b) = weights.split_at(line.parameters - line.shape[0]);
                    activate(line.activation, &affine(&x, w, b))
                }
                "Activation" => activate(line.activation, &x),
                "LayerNorm" => layer_norm(&x, &weights[..x.len()], &weights[x.len()..], 1e-3),
                "Dropout" => match masks.next() {
                    Some(mask) => x.iter().zip(mask).map(|(x, m)| x * m).collect(),
                    None => x,
                },
                kind => panic!("naive.rs has no layer `{kind}`"),
            };
        }
        x
    }
}
