//! The one checker of gradients: any layer against its naive twin.

use super::naive::{Pass, Twin, Weights};
use super::numbers::{compare, tensors, uniform, widen};
use super::passes::{self, Passed};
use super::weights;
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Yes};

const BATCH: usize = 3;

/// The random layers of a layer and of its twin draw from the same numbers.
const NOISE: u64 = 9;

/// Half the step of a central difference.
const H: f64 = 1e-6;

/// Whether `y`, `dx` and the gradient of each weight are those of the twin, for the loss Σ c · y with the penalties of the
/// weights; whether the gradient adds up; and whether every trained weight has a gradient. An error is a list of complaints.
pub fn check<X: Tensor, L: Twin<X>>() -> Result<(), String> {
    let layer: L = weights::random(X::LEN as u64);
    let x: Vec<X> = tensors(BATCH, 11);
    let c = uniform(BATCH * L::Y::LEN, -1.0, 1.0, 12);
    let Passed { y, dx, gradient, twice } = run(&layer, &x, &c, NOISE);
    let twin = |weights: &[f64], x: &[f64], mut pass: Pass| {
        let x: Vec<Vec<f64>> = x.chunks(X::LEN).map(<[f64]>::to_vec).collect();
        let mut weights = Weights::new(weights);
        let y = layer.twin(&mut weights, &x, &mut pass).concat();
        weights.assert_all_taken();
        (y, pass.penalty)
    };
    // What follows does not depend on types, so that it is compiled once.
    let checked = Checked {
        twin: &twin,
        weights: widen(&weights::all(&layer)),
        trained: weights::trained::<L>(),
        x: widen(X::flat_all(&x)),
        c: widen(&c),
        inferred: L::Y::flat_all(&passes::infer(&layer, &x)).to_vec(),
        penalty: layer.penalty(),
        y: L::Y::flat_all(&y).to_vec(),
        dx: X::flat_all(&dx).to_vec(),
        gradient,
        twice,
    };
    let mut complaints = checked.complaints();
    // One number less its mean is 0: a layer that normalises one number has no gradient.
    if X::LEN > 1 {
        complaints.extend(unmoved::<X, L>(&layer));
    }
    if complaints.is_empty() {
        return Ok(());
    }
    Err(format!("{} on {:?}:\n  {}", std::any::type_name::<L>(), X::SHAPE, complaints.join("\n  ")))
}

fn run<X: Tensor, L: Twin<X>>(layer: &L, x: &[X], c: &[f32], noise: u64) -> Passed<X, L::Y> {
    passes::train::<BATCH, Yes, X, L>(layer, x, Some(noise), |_, dy| {
        L::Y::flat_all_mut(dy).copy_from_slice(c);
    })
}

/// The trained weights that have no gradient, whatever the samples: of the loss alone, so that no penalty hides them.
fn unmoved<X: Tensor, L: Twin<X>>(layer: &L) -> Option<String> {
    let none = vec![0.0; BATCH * L::Y::LEN];
    let mut moved = vec![false; L::TRAINABLE];
    // Dropout may hide some of them, time and again.
    for seed in 0..20 {
        let (x, c) = (tensors(BATCH, seed), uniform(BATCH * L::Y::LEN, -1.0, 1.0, seed + 100));
        let [gradient, of_penalty] = [&c, &none].map(|c| run(layer, &x, c, seed).gradient);
        for (moved, (all, of_penalty)) in moved.iter_mut().zip(gradient.iter().zip(of_penalty)) {
            *moved |= *all != of_penalty;
        }
        if !moved.contains(&false) {
            return None;
        }
    }
    let names = weights::names::<L>();
    let unmoved: Vec<_> = weights::trained::<L>().into_iter().zip(moved).filter(|(_, moved)| !moved).collect();
    let unmoved: Vec<&str> = unmoved.into_iter().map(|(place, _)| names[place].as_str()).collect();
    Some(format!("no gradient, whatever the samples: {}", unmoved.join(", ")))
}

/// Output and penalty of a twin with these weights for this batch.
type Run<'a> = &'a dyn Fn(&[f64], &[f64], Pass) -> (Vec<f64>, f64);

/// What a layer was given and gave: a batch of samples one after the other, but for the gradients of the weights.
struct Checked<'a> {
    twin: Run<'a>,
    weights: Vec<f64>,
    /// Which of them are trained.
    trained: Vec<usize>,
    x: Vec<f64>,
    /// dy.
    c: Vec<f64>,
    inferred: Vec<f32>,
    penalty: f32,
    y: Vec<f32>,
    dx: Vec<f32>,
    gradient: Vec<f32>,
    twice: Vec<f32>,
}

impl Checked<'_> {
    fn complaints(&self) -> Vec<String> {
        let training = || Pass::training(Sfc32::seed_from_u64(NOISE));
        let loss = |weights: &[f64], x: &[f64]| {
            let (y, penalty) = (self.twin)(weights, x, training());
            y.iter().zip(&self.c).map(|(y, c)| y * c).sum::<f64>() + penalty
        };
        let (y, penalty) = (self.twin)(&self.weights, &self.x, training());
        let (inferred, _) = (self.twin)(&self.weights, &self.x, Pass::default());
        let mut x = self.x.clone();
        let dx = (0..x.len()).map(|i| slope(&mut x, i, |x| loss(&self.weights, x))).collect::<Vec<_>>();
        let mut w = self.weights.clone();
        let gradient = self.trained.iter().map(|i| slope(&mut w, *i, |w| loss(w, &self.x))).collect::<Vec<_>>();
        let twice: Vec<f64> = gradient.iter().map(|g| 2.0 * g).collect();
        let all = [
            compare(&self.inferred, &inferred, 3e-6, "y of inference"),
            compare(&[self.penalty], &[penalty], 1e-6, "penalty"),
            compare(&self.y, &y, 3e-6, "y"),
            compare(&self.dx, &dx, 1e-5, "dx"),
            compare(&self.gradient, &gradient, 1e-5, "gradient"),
            compare(&self.twice, &twice, 2e-5, "gradient, added twice"),
        ];
        all.into_iter().filter_map(Result::err).collect()
    }
}

/// The slope of `f` along the number `i`.
fn slope(at: &mut [f64], i: usize, f: impl Fn(&[f64]) -> f64) -> f64 {
    let middle = at[i];
    at[i] = middle + H;
    let above = f(at);
    at[i] = middle - H;
    let below = f(at);
    at[i] = middle;
    (above - below) / (2.0 * H)
}
