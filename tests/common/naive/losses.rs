//! The losses in f64.

use super::{activate, value as activation};

/// Keras' bounds on probabilities, as the nearest floats.
const LOW: f64 = 1e-7_f32 as f64;
const HIGH: f64 = (1.0 - 1e-7_f32) as f64;

fn mean(terms: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = terms.len() as f64;
    terms.sum::<f64>() / n
}

/// The targets that a loss has by default, by its stem and name in the catalogue: smoothed ones, or as they are.
pub fn targets(stem: &str, name: &str, t: &[f64]) -> Vec<f64> {
    let classes = if name.starts_with("binary") { 2.0 } else { t.len() as f64 };
    let smoothing = if stem == "label_smoothing" { f64::from(0.1_f32) } else { 0.0 };
    t.iter().map(|t| t * (1.0 - smoothing) + smoothing / classes).collect()
}

/// Loss of one sample, by the name of the loss.
pub fn value(name: &str, y: &[f64], t: &[f64]) -> f64 {
    let pairs = y.iter().zip(t);
    let sum: f64 = y.iter().sum();
    match name {
        "mean_squared_error" => mean(pairs.map(|(y, t)| (y - t).powi(2))),
        "mean_absolute_error" => mean(pairs.map(|(y, t)| (y - t).abs())),
        "huber" => mean(pairs.map(|(y, t)| huber((y - t).abs()))),
        "binary_cross_entropy" => mean(pairs.map(|(y, t)| {
            let p = y.clamp(LOW, HIGH);
            -t * p.ln() - (1.0 - t) * (1.0 - p).ln()
        })),
        "binary_cross_entropy_with_logits" => mean(pairs.map(|(y, t)| activation("softplus", *y) - y * t)),
        "categorical_cross_entropy" => pairs.map(|(y, t)| -t * (y / sum).clamp(LOW, HIGH).ln()).sum(),
        "binary_focal_cross_entropy" => mean(
            pairs.map(|(y, t)| (t * (1.0 - y) + (1.0 - t) * y).powi(2) * value("binary_cross_entropy", &[*y], &[*t])),
        ),
        "categorical_focal_cross_entropy" => {
            let term = |p: f64| 0.25 * (1.0 - p).powi(2) * p.ln();
            pairs.map(|(y, t)| -t * term((y / sum).clamp(LOW, HIGH))).sum()
        }
        "categorical_hinge" => {
            let right: f64 = y.iter().zip(t).map(|(y, t)| t * y).sum();
            let rival = pairs.map(|(y, t)| (1.0 - t) * y).fold(f64::NEG_INFINITY, f64::max);
            (1.0 + rival - right).max(0.0)
        }
        "cosine_similarity" => {
            let length = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
            -pairs.map(|(y, t)| t * y).sum::<f64>() / (length(y) * length(t))
        }
        "hinge" => mean(pairs.map(|(y, t)| (1.0 - sign(*t) * y).max(0.0))),
        "squared_hinge" => mean(pairs.map(|(y, t)| (1.0 - sign(*t) * y).max(0.0).powi(2))),
        "kl_divergence" => pairs.map(|(y, t)| t.max(LOW) * (t.max(LOW) / y.max(LOW)).ln()).sum(),
        "log_cosh" => mean(pairs.map(|(y, t)| (y - t).cosh().ln())),
        "poisson" => mean(pairs.map(|(y, t)| y - t * (y + LOW).ln())),
        "quantile" => mean(pairs.map(|(y, t)| 0.5 * (y - t).abs())),
        "sparse_categorical_cross_entropy" => {
            let total: f64 = y.iter().map(|y| y.clamp(LOW, HIGH)).sum();
            pairs.map(|(y, t)| t * (total.ln() - y.clamp(LOW, HIGH).ln())).sum()
        }
        "categorical_cross_entropy_with_logits" | "sparse_categorical_cross_entropy_with_logits" => {
            activate("log_softmax", y).iter().zip(t).map(|(p, t)| -t * p).sum()
        }
        _ => panic!("naive/losses.rs has no loss `{name}`"),
    }
}

fn sign(t: f64) -> f64 {
    if t == 0.0 { -1.0 } else { t }
}

fn huber(d: f64) -> f64 {
    if d > 1.0 { d - 0.5 } else { 0.5 * d * d }
}

/// The gradient of [`value`] by central differences, with an error near 1e-9.
pub fn gradient(name: &str, y: &[f64], t: &[f64]) -> Vec<f64> {
    differences(|y| value(name, y, t), y)
}

/// The gradient of a function of several numbers by central differences.
pub fn differences(f: impl Fn(&[f64]) -> f64, at: &[f64]) -> Vec<f64> {
    const H: f64 = 1e-6;
    let mut x = at.to_vec();
    let mut slope = |i: usize| {
        x[i] = at[i] + H;
        let above = f(&x);
        x[i] = at[i] - H;
        let below = f(&x);
        x[i] = at[i];
        (above - below) / (2.0 * H)
    };
    (0..at.len()).map(&mut slope).collect()
}
