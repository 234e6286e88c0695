//! A loss against its formula in f64.

use super::Complaint;
use crate::common::catalogue::{Outputs, Targets};
use crate::common::naive::losses;
use crate::common::numbers::{compare, uniform, widen};
use baregrad::losses::Loss;

/// Whether value and gradient are those of the twin, and both ways to the value give the same bits.
pub fn complaints<const N: usize, L: Loss<[f32; N], [f32; N]> + Default>(
    stem: &str,
    outputs: Outputs,
    targets: Targets,
) -> Vec<Complaint> {
    let (low, high) = if outputs == Outputs::Real { (-4.0, 4.0) } else { (0.02, 0.98) };
    let mut complaints = Vec::new();
    for seed in 0..20 {
        let y: [f32; N] = uniform(N, low, high, seed).try_into().unwrap();
        let t = target::<N>(targets, seed + 50);
        let (y64, t64) = (widen(&y), losses::targets(stem, L::NAME, &widen(&t)));
        let loss = L::default();
        let mut dy = [f32::NAN; N];
        let value = loss.gradient(&y, &t, 0.5, &mut dy);
        complaints.extend(beside_twin(L::NAME, &y64, &t64, value, loss.value(&y, &t), &dy));
    }
    complaints
}

/// The value beside the gradient, the value `alone`, and half the gradient. This does not depend on types, so that it is compiled
/// once.
fn beside_twin(name: &str, y: &[f64], t: &[f64], value: f32, alone: f32, dy: &[f32]) -> Vec<Complaint> {
    let want: Vec<f64> = losses::gradient(name, y, t).iter().map(|d| 0.5 * d).collect();
    let same = if alone.to_bits() == value.to_bits() { Ok(()) } else { Err(format!("{value} and {alone}")) };
    let all = [
        ("value of the loss", compare(&[value], &[losses::value(name, y, t)], 2e-6)),
        ("value beside the gradient", same),
        ("gradient of the loss", compare(dy, &want, 5e-6)),
    ];
    all.into_iter().filter_map(|(name, result)| Some((name, result.err()?))).collect()
}

fn target<const N: usize>(kind: Targets, seed: u64) -> [f32; N] {
    let mut t: [f32; N] = uniform(N, 0.01, 1.0, seed).try_into().unwrap();
    let sum: f32 = t.iter().sum();
    match kind {
        Targets::Real => t.map(|t| 8.0 * t - 4.0),
        Targets::Probabilities => t,
        Targets::Distribution => t.map(|t| t / sum),
        Targets::OneHot => {
            t = [0.0; N];
            t[seed as usize % N] = 1.0;
            t
        }
    }
}
