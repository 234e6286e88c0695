//! An optimiser against its rule in f64.

use super::Complaint;
use crate::common::naive;
use crate::common::numbers::{compare, uniform, widen};
use baregrad::optimizers::{MomentsOf, Optimizer, update};
use baregrad::tensor::Zero;

/// Room for the weights, and one before and behind.
pub const ROOM: usize = 70;

/// Ten steps of `n` weights, which are part of a tensor: whether they go where those of the twin go, and whether all others
/// stay.
///
/// It is done twice. Gradients of many sizes with weights as small as the steps show what gradients near 1 hide: where an
/// epsilon stands, and errors of less than a thousandth of a step.
pub fn complaints<O: Optimizer + Clone>(
    stem: &'static str,
    variant: &'static str,
    optimizer: &O,
    n: usize,
) -> Vec<Complaint> {
    let plain = steps(stem, variant, optimizer.clone(), n, 1.0, |g| g);
    let small = steps(stem, variant, optimizer.clone(), n, SMALL, |g| g * f32::exp2(-20.0 * g.abs()));
    [("weights after steps", plain), ("weights after small steps", small)]
        .into_iter()
        .filter_map(|(name, result)| Some((name, result.err()?)))
        .collect()
}

/// The size of the weights where they are small.
const SMALL: f32 = 1e-3;

/// Weights are between ±`scale`.
fn steps<O: Optimizer>(
    stem: &'static str,
    variant: &'static str,
    mut optimizer: O,
    n: usize,
    scale: f32,
    gradient: impl Fn(f32) -> f32,
) -> Result<(), String> {
    let mut state = <MomentsOf<O, [f32; ROOM]> as Zero>::ZERO;
    let mut w: [f32; ROOM] = uniform(ROOM, -scale, scale, 10).try_into().unwrap();
    let before = w;
    let (mut w64, mut twin) = (widen(&w[1..1 + n]), naive::optimizers::Optimizer::new(stem, variant, n));
    for step in 0..10 {
        let grad: Vec<f32> = uniform(n, -1.0, 1.0, 20 + step).into_iter().map(&gradient).collect();
        optimizer.begin_step();
        update(&optimizer, &mut w, 1, grad.as_slice(), &mut state);
        twin.step(&mut w64, &widen(&grad));
    }
    // Small weights are compared in units of their size.
    let [got, want] = [widen(&w[1..1 + n]), w64].map(|w| w.iter().map(|w| w / f64::from(scale)).collect::<Vec<f64>>());
    let got: Vec<f32> = got.iter().map(|w| *w as f32).collect();
    compare(&got, &want, if scale < 1.0 { 1e-4 } else { 1e-6 })?;
    let others = [0..1, 1 + n..ROOM];
    if others.into_iter().any(|range| w[range.clone()] != before[range]) {
        Err("another weight has moved".into())
    } else {
        Ok(())
    }
}
