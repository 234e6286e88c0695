//! The one checker of gradients: any layer against its naive twin. Losses and optimisers have theirs beside it.

pub mod clipping;
pub mod folding;
pub mod loss;
pub mod optimizer;
pub mod start;

use super::naive::{Pass, Twin, Weights};
use super::numbers::{bits, compare, tensors, uniform, widen};
use super::passes::{self, Passed};
use super::weights;
use baregrad::prelude::*;
use baregrad::tensor::{No, Tensor, Want, Yes};

const BATCH: usize = 3;

/// The random layers of a layer and of its twin draw from the same numbers.
const NOISE: u64 = 9;

/// Half the step of a central difference.
const H: f64 = 1e-6;

/// What a checker has found wrong: the name of the check, and the details.
pub type Complaint = (&'static str, String);

/// The same as [`complaints`], for a test that wants none.
pub fn check<X: Tensor, L: Twin<X>>() -> Result<(), String> {
    none(&complaints::<X, L>(), std::any::type_name::<L>(), X::SHAPE)
}

fn none(complaints: &[Complaint], layer: &str, shape: &[usize]) -> Result<(), String> {
    if complaints.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = complaints.iter().map(|(name, details)| format!("{name}: {details}")).collect();
    Err(format!("{layer} on {shape:?}:\n  {}", lines.join("\n  ")))
}

/// Whether `y`, `dx` and the gradient of each weight are those of the twin, for the loss Σ c · y with the penalties of the
/// weights; whether the gradient adds up; whether every trained weight has a gradient; and whether a step moves the weights
/// along it, and no others than those that `settle` may move.
pub fn complaints<X: Tensor, L: Twin<X>>() -> Vec<Complaint> {
    let layer: L = weights::random(X::LEN as u64);
    let x: Vec<X> = tensors(BATCH, 11);
    let c = uniform(BATCH * L::Y::LEN, -1.0, 1.0, 12);
    let Passed { y, dx, gradient, twice } = run::<Yes, X, L>(&layer, &x, &c, NOISE);
    let without_dx = run::<No, X, L>(&layer, &x, &c, NOISE).gradient;
    let twin = |weights: &[f64], x: &[f64], mut pass: Pass| {
        let x: Vec<Vec<f64>> = x.chunks(X::LEN).map(<[f64]>::to_vec).collect();
        let mut weights = Weights::new(weights);
        let y = layer.twin(&mut weights, &x, &mut pass).concat();
        weights.assert_all_taken();
        (y, pass)
    };
    let dy = L::Y::from_flat(&c);
    let step = |direct| passes::step::<BATCH, X, L>(&mut weights::random(X::LEN as u64), &x, dy, direct);
    let (direct, stored) = (step(true), step(false));
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
        without_dx,
        twice,
        direct,
        stored,
    };
    let mut complaints = checked.complaints();
    // One number less its mean is 0: a layer that normalises one number has no gradient.
    if X::LEN > 1
        && let Some(names) = unmoved::<X, L>(&layer)
    {
        complaints.push(("every parameter moves", names));
    }
    complaints
}

fn run<W: Want, X: Tensor, L: Twin<X>>(layer: &L, x: &[X], c: &[f32], noise: u64) -> Passed<X, L::Y> {
    passes::train::<BATCH, W, X, L>(layer, x, Some(noise), &|_, dy| L::Y::flat_all_mut(dy).copy_from_slice(c))
}

/// The trained weights that have no gradient, whatever the samples: of the loss alone, so that no penalty hides them.
fn unmoved<X: Tensor, L: Twin<X>>(layer: &L) -> Option<String> {
    let none = vec![0.0; BATCH * L::Y::LEN];
    let mut moved = vec![false; L::TRAINABLE];
    // Dropout may hide some of them, time and again.
    for seed in 0..20 {
        let (x, c) = (tensors(BATCH, seed), uniform(BATCH * L::Y::LEN, -1.0, 1.0, seed + 100));
        let gradient = |c| run::<Yes, X, L>(layer, &x, c, seed).gradient;
        for (moved, (all, of_penalty)) in moved.iter_mut().zip(gradient(&c).iter().zip(gradient(&none))) {
            *moved |= *all != of_penalty;
        }
        if !moved.contains(&false) {
            return None;
        }
    }
    Some(names_of(&weights::trained::<L>(), &moved, &weights::names::<L>()))
}

fn names_of(trained: &[usize], moved: &[bool], names: &[String]) -> String {
    let unmoved = trained.iter().zip(moved).filter(|(_, moved)| !**moved);
    unmoved.map(|(place, _)| names[*place].as_str()).collect::<Vec<_>>().join(", ")
}

/// Output of a twin with these weights for this batch, and what its pass has gathered.
type Run<'a> = &'a dyn Fn(&[f64], &[f64], Pass) -> (Vec<f64>, Pass);

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
    without_dx: Vec<f32>,
    twice: Vec<f32>,
    /// All weights after a step without a stored gradient.
    direct: Vec<f32>,
    /// The same with one.
    stored: Vec<f32>,
}

impl Checked<'_> {
    fn complaints(&self) -> Vec<Complaint> {
        let training = || Pass::training(Sfc32::seed_from_u64(NOISE));
        let loss = |weights: &[f64], x: &[f64]| {
            let (y, pass) = (self.twin)(weights, x, training());
            y.iter().zip(&self.c).map(|(y, c)| y * c).sum::<f64>() + pass.penalty
        };
        let (y, Pass { penalty, settled, .. }) = (self.twin)(&self.weights, &self.x, training());
        let (inferred, _) = (self.twin)(&self.weights, &self.x, Pass::default());
        let mut x = self.x.clone();
        let dx = (0..x.len()).map(|i| slope(&mut x, i, |x| loss(&self.weights, x))).collect::<Vec<_>>();
        let mut w = self.weights.clone();
        let gradient = self.trained.iter().map(|i| slope(&mut w, *i, |w| loss(w, &self.x))).collect::<Vec<_>>();
        let twice: Vec<f64> = gradient.iter().map(|g| 2.0 * g).collect();
        for (place, gradient) in self.trained.iter().zip(&gradient) {
            w[*place] -= f64::from(passes::RATE) * gradient;
        }
        for (place, values) in settled {
            w[place..place + values.len()].copy_from_slice(&values);
        }
        let all = [
            ("y of inference", compare(&self.inferred, &inferred, 3e-6)),
            ("penalty", compare(&[self.penalty], &[penalty], 1e-6)),
            ("y", compare(&self.y, &y, 3e-6)),
            ("dx", compare(&self.dx, &dx, 1e-5)),
            ("gradient", compare(&self.gradient, &gradient, 1e-5)),
            ("sum of two gradients", compare(&self.twice, &twice, 2e-5)),
            ("gradient without dx", same(&self.without_dx, &self.gradient)),
            ("weights after a step", compare(&self.direct, &w, 2e-6)),
            ("step with a stored gradient", same(&self.stored, &self.direct)),
        ];
        all.into_iter().filter_map(|(name, result)| Some((name, result.err()?))).collect()
    }
}

/// Whether the bits are the same.
fn same(got: &[f32], want: &[f32]) -> Result<(), String> {
    if bits(got) == bits(want) { Ok(()) } else { Err("other bits".into()) }
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
