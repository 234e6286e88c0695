//! The losses in f64.

use super::naive;

/// Keras' bounds on probabilities, as the nearest floats.
const LOW: f64 = 1e-7_f32 as f64;
const HIGH: f64 = (1.0 - 1e-7_f32) as f64;

fn mean(terms: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = terms.len() as f64;
    terms.sum::<f64>() / n
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
        "binary_cross_entropy_with_logits" => mean(pairs.map(|(y, t)| naive::value("softplus", *y) - y * t)),
        "categorical_cross_entropy" => pairs.map(|(y, t)| -t * (y / sum).clamp(LOW, HIGH).ln()).sum(),
        "sparse_categorical_cross_entropy" => {
            let total: f64 = y.iter().map(|y| y.clamp(LOW, HIGH)).sum();
            pairs.map(|(y, t)| t * (total.ln() - y.clamp(LOW, HIGH).ln())).sum()
        }
        "categorical_cross_entropy_with_logits" | "sparse_categorical_cross_entropy_with_logits" => {
            naive::activate("log_softmax", y).iter().zip(t).map(|(p, t)| -t * p).sum()
        }
        _ => panic!("naive_losses.rs has no loss `{name}`"),
    }
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
