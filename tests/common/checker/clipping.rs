//! Clipping by norm against its formula in f64.

use super::Complaint;
use crate::common::numbers::{compare, uniform, widen};
use baregrad::optimizers::Optimizer;

/// The norm of the clipped gradients.
pub const LIMIT: f32 = 0.5;

/// Whether a gradient of two tensors is scaled to the limit, where its norm is larger: the norm of the `whole`, or of each
/// tensor. The sizes are such that squares, and norms, leave the range of floats.
pub fn complaints<O: Optimizer>(optimizer: O, whole: bool) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for size in [0.1, 1.0, 30.0, 1e10, 1e20, 3e38] {
        let (first, second) = (uniform(19, -size, size, 1), uniform(5, -size, size, 2));
        let mut gradient: ([f32; 19], [f32; 5]) =
            (first.clone().try_into().unwrap(), second.clone().try_into().unwrap());
        optimizer.prepare(&mut gradient);
        let parts = if whole { vec![[first, second].concat()] } else { vec![first, second] };
        let want: Vec<f64> = parts.iter().flat_map(|part| clipped(&widen(part))).collect();
        let got = [&gradient.0[..], &gradient.1].concat();
        complaints.extend(compare(&got, &want, 1e-6).err().map(|details| ("clipped gradient", details)));
    }
    complaints
}

fn clipped(gradient: &[f64]) -> Vec<f64> {
    let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
    let factor = (f64::from(LIMIT) / norm).min(1.0);
    gradient.iter().map(|g| g * factor).collect()
}
