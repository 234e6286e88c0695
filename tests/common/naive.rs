//! The same mathematics in f64, as plainly as it can be written.

use baregrad::LayerInfo;
use baregrad::net::Layer;
use baregrad::prelude::*;

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
    /// Weights of each line.
    pub weights: Vec<Vec<f64>>,
    /// What the random layers make of each number of a sample, `factor · x + shift`; nothing for the other lines.
    pub noise: Vec<Vec<[f64; 2]>>,
}

/// Lines above the layers of a composition, which are no layers themselves.
const HEADINGS: [&str; 4] = ["Residual", "Add", "Concatenate", "Branch"];

impl Net {
    /// The twin of `layer`.
    pub fn of<const N: usize, L: Layer<[f32; N]>>(layer: &L) -> Self {
        let mut lines = Vec::new();
        L::describe(&mut |line| lines.push(line));
        let layers: Vec<usize> = (0..lines.len()).filter(|l| !HEADINGS.contains(&lines[*l].kind)).collect();
        assert_eq!(layers.len(), L::LAYERS);
        let mut weights = vec![Vec::new(); lines.len()];
        layer.tensors(0, &mut |name, values| weights[layers[name.layer]].extend(super::numbers::widen(values)));
        Net { noise: vec![Vec::new(); lines.len()], lines, weights }
    }

    /// The weights that training changes, each by its line and place: all, none, or the last ones of a layer.
    pub fn trainable(&self) -> Vec<(usize, usize)> {
        let places = |l: usize| {
            let line = &self.lines[l];
            (line.parameters - line.trainable..line.parameters).map(move |i| (l, i))
        };
        (0..self.lines.len()).flat_map(places).collect()
    }

    pub fn forward(&self, x: &[f64]) -> Vec<f64> {
        self.block(&mut 0, 0, x.to_vec())
    }

    /// The lines from `at` on that lie as deep as `depth`, or deeper.
    fn block(&self, at: &mut usize, depth: usize, mut x: Vec<f64>) -> Vec<f64> {
        while let Some(line) = self.lines.get(*at).filter(|line| line.depth >= depth) {
            let (weights, noise) = (&self.weights[*at], &self.noise[*at]);
            *at += 1;
            let mut branch = |skip: usize, depth: usize| {
                *at += skip;
                self.block(at, depth, x.clone())
            };
            x = match line.kind {
                "Dense" => {
                    let (w, b) = weights.split_at(line.parameters - line.shape[0]);
                    activate(line.activation, &affine(&x, w, b))
                }
                "Activation" => activate(line.activation, &x),
                "LayerNorm" => layer_norm(&x, &weights[..x.len()], &weights[x.len()..], 1e-3),
                "Rescale" => (0..x.len()).map(|i| (x[i] - weights[i]) * weights[x.len() + i]).collect(),
                "Reshape" => x,
                "Residual" => branch(0, depth + 1).iter().zip(&x).map(|(f, x)| f + x).collect(),
                "Add" => {
                    let (a, b) = (branch(1, depth + 2), branch(1, depth + 2));
                    a.iter().zip(b).map(|(a, b)| a + b).collect()
                }
                "Concatenate" => [branch(1, depth + 2), branch(1, depth + 2)].concat(),
                kind if RANDOM.contains(&kind) && noise.is_empty() => x,
                kind if RANDOM.contains(&kind) => x.iter().zip(noise).map(|(x, [a, b])| a * x + b).collect(),
                kind => panic!("naive.rs has no layer `{kind}`"),
            };
        }
        x
    }
}

/// Layers that draw random numbers.
pub const RANDOM: [&str; 5] = ["Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout", "SpatialDropout1D"];

/// What a random layer of this `rate` or deviation draws for one sample of this shape: a factor and a shift for each number.
pub fn noise(kind: &str, rate: f32, shape: &[usize], rng: &mut Sfc32) -> Vec<[f64; 2]> {
    let of_each_channel = kind == "SpatialDropout1D";
    let count = if of_each_channel { shape[1] } else { shape.iter().product() };
    let drawn: Vec<[f64; 2]> = (0..count).map(|_| noise_of_number(kind, rate, rng)).collect();
    if of_each_channel { drawn.repeat(shape[0]) } else { drawn }
}

fn noise_of_number(kind: &str, rate: f32, rng: &mut Sfc32) -> [f64; 2] {
    let p = f64::from(rate);
    match kind {
        "Dropout" | "SpatialDropout1D" if draw(rng) < p => [0.0, 0.0],
        "Dropout" | "SpatialDropout1D" => [1.0 / (1.0 - p), 0.0],
        "GaussianNoise" => [1.0, draw_normal(rng) * p],
        "GaussianDropout" => [1.0 + draw_normal(rng) * (p / (1.0 - p)).sqrt(), 0.0],
        "AlphaDropout" => {
            let least = -SELU_SCALE * SELU_ALPHA;
            let a = ((1.0 - p) * (1.0 + p * least * least)).powf(-0.5);
            let b = -a * least * p;
            if draw(rng) < p { [0.0, a * least + b] } else { [a, b] }
        }
        kind => panic!("`{kind}` is not random"),
    }
}

/// Uniform on [0, 1), exact.
fn draw(rng: &mut Sfc32) -> f64 {
    f64::from(rng.next_u32() >> 8) / 16_777_216.0
}

/// Marsaglia's polar method.
fn draw_normal(rng: &mut Sfc32) -> f64 {
    loop {
        let (u, v) = (2.0 * draw(rng) - 1.0, 2.0 * draw(rng) - 1.0);
        let square = u * u + v * v;
        if square > 0.0 && square < 1.0 {
            return u * (-2.0 * square.ln() / square).sqrt();
        }
    }
}
