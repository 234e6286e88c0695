//! What faults do to numbers. Batches are flat.

use super::fault::Fault;
use baregrad::kernels::batch_norm;
use baregrad::kernels::matmul::Plain;

/// What Keras adds to a variance.
const EPSILON: f32 = 1e-3;

/// Outputs. `weights` are those of the layer: of a normalisation gamma, then beta.
pub fn y(fault: Fault, x: &[f32], y: &mut [f32], weights: &[f32]) {
    let n = weights.len() / 2;
    let factor: fn(f32, f32) -> f32 = match fault {
        Fault::NotScaledUp => return y.iter_mut().for_each(|y| *y *= 0.7),
        Fault::MeanOverWrongAxis => {
            let [mut mean, mut variance, mut scale] = [(); 3].map(|()| vec![0.0; n]);
            batch_norm::statistics(x, &mut mean, &mut variance);
            batch_norm::scale_of(&variance, EPSILON, &mut scale);
            return batch_norm::normalise(x, &mean, &scale, &weights[..n], &weights[n..], y, &Plain);
        }
        Fault::VarianceUnbiased => |v, n| ((v + EPSILON) / (v * n / (n - 1.0) + EPSILON)).sqrt(),
        Fault::EpsilonOutsideRoot => |v, _| (v + EPSILON).sqrt() / (v.sqrt() + EPSILON),
        _ => return,
    };
    for (x, y) in x.chunks(n).zip(y.chunks_mut(n)) {
        let factor = factor(variance(x), n as f32);
        y.iter_mut().zip(&weights[n..]).for_each(|(y, beta)| *y = beta + (*y - beta) * factor);
    }
}

/// Gradients of inputs of `n` numbers each; `old` is what lay there before.
pub fn dx(fault: Fault, dx: &mut [f32], old: &[f32], n: usize) {
    match fault {
        Fault::DxNegated => dx.iter_mut().for_each(|dx| *dx = -*dx),
        Fault::DxAdded => dx.iter_mut().zip(old).for_each(|(dx, old)| *dx += old),
        Fault::DxWithoutLastColumn => (n - 1..dx.len()).step_by(n).for_each(|i| dx[i] = 0.0),
        Fault::DxOfSampleBefore => dx.rotate_right(n),
        Fault::DxLost => dx.fill(0.0),
        Fault::ScaleForgottenOnTheWayBack => dx.iter_mut().for_each(|dx| *dx *= 0.7),
        _ => {}
    }
}

/// The gradient of a tensor, by its index, of samples of inputs `x` and gradients `dz`.
pub fn gradient(fault: Fault, tensor: usize, gradient: &mut [f32], samples: usize, x: &[f32], dz: &[f32]) {
    match (fault, tensor) {
        (Fault::GradientNegated, _) => gradient.iter_mut().for_each(|g| *g = -*g),
        (Fault::GradientDividedTwice, _) => gradient.iter_mut().for_each(|g| *g /= samples as f32),
        (Fault::BiasWithoutGradient, 1) => gradient.fill(0.0),
        (Fault::GradientTransposed, 0) => transpose(gradient, dz.len() / samples),
        (Fault::GradientWithoutLastColumn, 0) => {
            let columns = dz.len() / samples;
            gradient.iter_mut().skip(columns - 1).step_by(columns).for_each(|g| *g = 0.0);
        }
        (Fault::LastPlaceOfToken, 0) => {
            let n = dz.len() / x.len();
            for (token, dz) in x.iter().zip(dz.chunks(n)).filter(|(token, _)| **token >= 0.0) {
                gradient.chunks_mut(n).skip(*token as usize).take(1).for_each(|row| row.copy_from_slice(dz));
            }
        }
        (Fault::GammaWithoutNormalisation, 0) => {
            let n = gradient.len();
            gradient.fill(0.0);
            x.iter().zip(dz).enumerate().for_each(|(i, (x, dz))| gradient[i % n] += x * dz);
        }
        _ => {}
    }
}

/// A matrix of this many columns.
pub fn transpose(matrix: &mut [f32], columns: usize) {
    let old = matrix.to_vec();
    let rows = old.len() / columns;
    matrix.iter_mut().enumerate().for_each(|(i, value)| *value = old[i % rows * columns + i / rows]);
}

fn variance(x: &[f32]) -> f32 {
    let mean = x.iter().sum::<f32>() / x.len() as f32;
    x.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / x.len() as f32
}
