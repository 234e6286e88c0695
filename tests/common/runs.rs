//! Training runs beside those of Keras and PyTorch: `tests/reference/README.md` says what the numbers are.

use super::numbers::{bits, compare};
use super::reference::{flat as numbers, floats};
use super::{passes, weights};
use baregrad::Gradients;
use baregrad::losses::Loss;
use baregrad::net::Layer;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{No, Tensor};
use serde_json::Value;
use std::ops::Range;

pub type Out<N> = <N as Layer<<N as Network>::Input>>::Y;

/// A net of the reference file with its data.
pub struct Case<'a, N: Network, T> {
    pub name: &'a str,
    json: &'a Value,
    initial: Vec<f32>,
    x: Vec<N::Input>,
    targets: Vec<T>,
    batch_size: usize,
}

/// Room for the largest batch.
pub const CAPACITY: usize = 6;

impl<'a, N: Network, T> Case<'a, N, T> {
    pub fn new(file: &'a Value, name: &'a str, targets: impl Fn(&Value) -> T) -> Self {
        let json = &file["nets"][name];
        Case {
            name,
            json,
            initial: json["initial"].as_array().unwrap().iter().flat_map(|t| floats(&t["data"])).collect(),
            x: N::Input::from_flat(&floats(&json["x"])).to_vec(),
            targets: json["y"].as_array().unwrap().iter().map(targets).collect(),
            batch_size: json["batch_size"].as_u64().unwrap() as usize,
        }
    }

    /// Output, loss and gradient of the first batch.
    pub fn first_batch<L: Loss<Out<N>, T> + Default>(&self) -> Result<(), String> {
        let want = &self.json["first_batch"];
        let mut net = N::NEW;
        weights::write_all(&mut net, &self.initial);
        let (x, targets) = (&self.x[..self.batch_size], &self.targets[..self.batch_size]);
        let share = 1.0 / x.len() as f32;
        let passed = passes::train::<CAPACITY, No, N::Input, N>(&net, x, None, &|y, dy| {
            for ((y, dy), target) in y.iter().zip(dy).zip(targets) {
                L::default().gradient(y, target, share, dy);
            }
        });
        let loss = passed.y.iter().zip(targets).fold(0.0, |loss, (y, t)| loss + L::default().value(y, t) * share);
        self.compare(Tensor::flat_all(&passed.y), &numbers(&want["y_pred"]), 2e-6, "first output")?;
        self.compare(&[loss], &numbers(&want["loss"]), 2e-6, "first loss")?;
        self.compare(&passed.gradient, &numbers(&want["grads"]), 2e-6, "first gradient")
    }

    fn compare(&self, got: &[f32], want: &[f64], tolerance: f64, what: &str) -> Result<(), String> {
        compare(got, want, tolerance).map_err(|error| format!("{}, {what}: {error}", self.name))
    }

    /// 100 steps; the weights after 1, 10 and 100 of them.
    pub fn run<L: Loss<Out<N>, T> + Default, O: Optimizer, G: Gradients>(
        &self,
        run: &str,
        optimizer: O,
    ) -> Result<Vec<Vec<u32>>, String> {
        self.run_of::<L, O, G>(N::NEW, run, optimizer, &[])
    }

    /// The same of a net with settings of its own. Of the weights, these places are not compared.
    pub fn run_of<L: Loss<Out<N>, T> + Default, O: Optimizer, G: Gradients>(
        &self,
        net: N,
        run: &str,
        optimizer: O,
        noise: &[Range<usize>],
    ) -> Result<Vec<Vec<u32>>, String> {
        let want = &self.json["runs"][run];
        let mut model = Box::new(Trainer::<N, L, O, CAPACITY, G>::of(net, L::default(), optimizer));
        weights::write_all(&mut model.net, &self.initial);
        let batches: Vec<_> = self.x.chunks(self.batch_size).zip(self.targets.chunks(self.batch_size)).collect();
        let (mut losses, mut stages) = (Vec::new(), Vec::new());
        for step in 1..=100 {
            let (x, targets) = batches[(step - 1) % batches.len()];
            losses.push(model.step(x, targets).map_err(|error| format!("{}, {run}: {error}", self.name))?);
            if let Some(want) = want["weights"].get(step.to_string()) {
                // One step: rounding alone. Then each step starts from weights that differ a little.
                let tolerance = if step == 1 { 2e-6 } else { 2e-5 };
                let (weights, mut want) = (weights::all(&model.net), numbers(want));
                for place in noise.iter().cloned().flatten() {
                    want[place] = f64::from(weights[place]);
                }
                self.compare(&weights, &want, tolerance, &format!("{run}, weights after step {step}"))?;
                stages.push(bits(&weights));
            }
        }
        if let Some(want) = want.get("losses") {
            self.compare(&losses, &numbers(want), 2e-5, &format!("{run}, losses"))?;
        }
        Ok(stages)
    }
}
