//! Whole training runs beside those of Keras and PyTorch: `tests/reference/README.md` says what the numbers are.

use crate::common::numbers::{assert_close, bits};
use crate::common::reference::{flat as numbers, floats, load};
use crate::common::{passes, weights};
use baregrad::losses::Loss;
use baregrad::net::Layer;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{No, Tensor};
use baregrad::{Buffered, Direct, Gradients};
use serde_json::Value;
use std::ops::Range;

type Out<N> = <N as Layer<<N as Network>::Input>>::Y;

/// A net of the reference file with its data.
pub struct Case<'a, N: Network, T> {
    name: &'a str,
    json: &'a Value,
    initial: Vec<f32>,
    x: Vec<N::Input>,
    targets: Vec<T>,
    batch_size: usize,
}

const CAPACITY: usize = 6;

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
    fn first_batch<L: Loss<Out<N>, T> + Default>(&self) {
        let want = &self.json["first_batch"];
        let mut net = N::NEW;
        weights::write_all(&mut net, &self.initial);
        let (x, targets) = (&self.x[..self.batch_size], &self.targets[..self.batch_size]);
        let share = 1.0 / x.len() as f32;
        let passed = passes::train::<CAPACITY, No, N::Input, N>(&net, x, None, |y, dy| {
            for ((y, dy), target) in y.iter().zip(dy).zip(targets) {
                L::default().gradient(y, target, share, dy);
            }
        });
        let loss = passed.y.iter().zip(targets).fold(0.0, |loss, (y, t)| loss + L::default().value(y, t) * share);
        let name = self.name;
        assert_close(Tensor::flat_all(&passed.y), &numbers(&want["y_pred"]), 2e-6, &format!("{name}: first output"));
        assert_close(&[loss], &numbers(&want["loss"]), 2e-6, &format!("{name}: first loss"));
        assert_close(&passed.gradient, &numbers(&want["grads"]), 2e-6, &format!("{name}: first gradient"));
    }

    /// 100 steps; the weights after 1, 10 and 100 of them.
    fn run<L: Loss<Out<N>, T> + Default, O: Optimizer, G: Gradients>(&self, run: &str, optimizer: O) -> Vec<Vec<u32>> {
        self.run_of::<L, O, G>(N::NEW, run, optimizer, &[])
    }

    /// The same of a net with settings of its own. Of the weights, these places are not compared.
    pub fn run_of<L: Loss<Out<N>, T> + Default, O: Optimizer, G: Gradients>(
        &self,
        net: N,
        run: &str,
        optimizer: O,
        noise: &[Range<usize>],
    ) -> Vec<Vec<u32>> {
        let want = &self.json["runs"][run];
        let mut model = Box::new(Trainer::<N, L, O, CAPACITY, G>::of(net, L::default(), optimizer));
        weights::write_all(&mut model.net, &self.initial);
        let batches: Vec<_> = self.x.chunks(self.batch_size).zip(self.targets.chunks(self.batch_size)).collect();
        let (mut losses, mut stages) = (Vec::new(), Vec::new());
        for step in 1..=100 {
            let (x, targets) = batches[(step - 1) % batches.len()];
            losses.push(model.step(x, targets).unwrap());
            if let Some(want) = want["weights"].get(step.to_string()) {
                // One step: rounding alone. Then each step starts from weights that differ a little.
                let tolerance = if step == 1 { 2e-6 } else { 2e-5 };
                let (weights, mut want) = (weights::all(&model.net), numbers(want));
                for place in noise.iter().cloned().flatten() {
                    want[place] = f64::from(weights[place]);
                }
                let what = format!("{}, {run}: weights after step {step}", self.name);
                assert_close(&weights, &want, tolerance, &what);
                stages.push(bits(&weights));
            }
        }
        if let Some(want) = want.get("losses") {
            assert_close(&losses, &numbers(want), 2e-5, &format!("{}, {run}: losses", self.name));
        }
        stages
    }

    /// Both ways to a step give the reference's weights, and the same bits.
    fn both<L: Loss<Out<N>, T> + Default, O: Optimizer + Clone>(&self, run: &str, optimizer: O) {
        let direct = self.run::<L, O, Direct>(run, optimizer.clone());
        let buffered = self.run::<L, O, Buffered>(run, optimizer);
        assert_eq!(direct, buffered, "{}, {run}: with and without a gradient buffer", self.name);
    }

    /// The runs of `optimizers.json`, with PyTorch's names behind Keras'.
    fn more<L: Loss<Out<N>, T> + Default, W: Ways>(&self) {
        let fast = ExponentialDecay::new(0.05, 1, 0.95);
        let with_decay = |adam: Adam| WeightDecay::of(adam, 0.1);
        W::run::<N, T, L, _>(self, "adamw", with_decay(Adam::new(1e-3)));
        W::run::<N, T, L, _>(self, "rmsprop", RmsProp::new(1e-3));
        W::run::<N, T, L, _>(self, "rmsprop_momentum", RmsProp::with_momentum(1e-3, 0.9));
        W::run::<N, T, L, _>(self, "rmsprop_centered", RmsProp::centered(1e-3));
        W::run::<N, T, L, _>(self, "rmsprop_centered_momentum", RmsProp::centered_with_momentum(1e-3, 0.9));
        W::run::<N, T, L, _>(self, "adagrad", Adagrad::new(0.05));
        W::run::<N, T, L, _>(self, "adamax", Adamax::new(1e-3));
        W::run::<N, T, L, _>(self, "nadam", Nadam::new(1e-3));
        W::run::<N, T, L, _>(self, "lion", Lion::new(1e-3));
        W::run::<N, T, L, _>(self, "amsgrad", AmsGrad(Adam::new(1e-3)));
        W::run::<N, T, L, _>(self, "sgd_weight_decay", WeightDecay::of(Sgd::new(0.05), 0.1));
        W::run::<N, T, L, _>(self, "nesterov_weight_decay", WeightDecay::of(Nesterov::new(0.05, 0.9), 0.1));
        W::run::<N, T, L, _>(self, "rmsprop_weight_decay", WeightDecay::of(RmsProp::new(1e-3), 0.1));
        W::run::<N, T, L, _>(self, "scheduled_sgd", Scheduled::new(Sgd::default(), fast.clone()));
        W::run::<N, T, L, _>(self, "scheduled_momentum", Scheduled::new(Momentum::new(0.0, 0.9), fast.clone()));
        W::run::<N, T, L, _>(self, "scheduled_nesterov", Scheduled::new(Nesterov::new(0.0, 0.9), fast.clone()));
        let slow = ExponentialDecay { initial: 0.01, ..fast.clone() };
        W::run::<N, T, L, _>(self, "scheduled_adamw", Scheduled::new(with_decay(Adam::default()), slow.clone()));
        // Either may be inside.
        W::run::<N, T, L, _>(self, "scheduled_adamw", WeightDecay::of(Scheduled::new(Adam::default(), slow), 0.1));

        W::run::<N, T, L, _>(self, "torch_adamw", with_decay(Adam::pytorch(1e-3)));
        W::run::<N, T, L, _>(self, "torch_rmsprop", RmsProp::new(1e-3).pytorch());
        W::run::<N, T, L, _>(self, "torch_rmsprop_momentum", RmsProp::with_momentum(1e-3, 0.9).pytorch());
        W::run::<N, T, L, _>(self, "torch_rmsprop_centered", RmsProp::centered(1e-3).pytorch());
        let centered = RmsProp::centered_with_momentum(1e-3, 0.9).pytorch();
        W::run::<N, T, L, _>(self, "torch_rmsprop_centered_momentum", centered);
        W::run::<N, T, L, _>(self, "torch_adagrad", Adagrad::pytorch(0.05));
        W::run::<N, T, L, _>(self, "torch_adamax", Adamax::pytorch(2e-3));
        W::run::<N, T, L, _>(self, "torch_nadam", Nadam::pytorch(2e-3));
        W::run::<N, T, L, _>(self, "torch_amsgrad", AmsGrad(Adam::pytorch(1e-3)));
        W::run::<N, T, L, _>(self, "torch_sgd_weight_decay", CoupledWeightDecay::of(Sgd::new(0.05), 0.1));
        W::run::<N, T, L, _>(
            self,
            "torch_nesterov_weight_decay",
            CoupledWeightDecay::of(Nesterov::new(0.05, 0.9), 0.1),
        );
        W::run::<N, T, L, _>(self, "torch_adam_weight_decay", CoupledWeightDecay::of(Adam::pytorch(1e-3), 0.1));
        W::run::<N, T, L, _>(
            self,
            "torch_scheduled_momentum",
            Scheduled::new(Momentum::pytorch(0.0, 0.9), fast.clone()),
        );
        W::run::<N, T, L, _>(self, "torch_scheduled_nesterov", Scheduled::new(Nesterov::pytorch(0.0, 0.9), fast));
    }

    fn all<L: Loss<Out<N>, T> + Default>(&self) {
        self.first_batch::<L>();
        for library in ["", "torch_"] {
            self.both::<L, _>(&format!("{library}sgd"), Sgd::new(0.05));
            self.both::<L, _>(&format!("{library}momentum"), Momentum::new(0.05, 0.9));
            self.both::<L, _>(&format!("{library}nesterov"), Nesterov::new(0.05, 0.9));
        }
        self.both::<L, _>("adam", Adam::new(1e-3));
        self.both::<L, _>("torch_adam", Adam::pytorch(1e-3));
    }
}

/// Ways to a step.
trait Ways {
    fn run<N: Network, T, L: Loss<Out<N>, T> + Default, O: Optimizer + Clone>(
        case: &Case<N, T>,
        run: &str,
        optimizer: O,
    );
}

/// Without a gradient buffer alone.
struct One;

impl Ways for One {
    fn run<N: Network, T, L: Loss<Out<N>, T> + Default, O: Optimizer + Clone>(
        case: &Case<N, T>,
        run: &str,
        optimizer: O,
    ) {
        case.run::<L, O, Direct>(run, optimizer);
    }
}

/// See [`Case::both`].
struct Both;

impl Ways for Both {
    fn run<N: Network, T, L: Loss<Out<N>, T> + Default, O: Optimizer + Clone>(
        case: &Case<N, T>,
        run: &str,
        optimizer: O,
    ) {
        case.both::<L, O>(run, optimizer);
    }
}

pub fn row<const N: usize>(row: &Value) -> [f32; N] {
    floats(row).try_into().unwrap()
}

fn file() -> Value {
    load("training")
}

#[test]
fn xor() {
    type Net = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
    Case::<Net, _>::new(&file(), "xor", row::<1>).all::<BinaryCrossEntropy>();
}

#[test]
fn tanh() {
    type Net = chain![Dense<3, 5, Tanh>, Dense<5, 2>];
    Case::<Net, _>::new(&file(), "tanh", row::<2>).all::<MeanSquaredError>();
}

#[test]
fn classifier() {
    type Net = chain![Dense<8, 16, Relu>, Dense<16, 10>];
    let class = |y: &Value| y.as_u64().unwrap() as usize;
    Case::<Net, _>::new(&file(), "classifier", class).all::<SparseCategoricalCrossEntropy<Logits>>();
}

#[test]
fn deep() {
    type Net = chain![Dense<5, 7, Gelu>, Dense<7, 9, Silu>, Dense<9, 4, Elu>, Dense<4, 3, Sigmoid>];
    Case::<Net, _>::new(&file(), "deep", row::<3>).all::<BinaryCrossEntropy>();
}

#[test]
fn norm() {
    type Net = chain![Dense<6, 12, Tanh>, LayerNorm<12>, Dense<12, 5>];
    Case::<Net, _>::new(&file(), "norm", row::<5>).all::<Huber>();
}

/// Data and initial weights are those of `training.json`.
fn file_of_optimizers() -> Value {
    let (mut file, runs) = (file(), load("optimizers"));
    for (name, net) in runs["nets"].as_object().unwrap() {
        file["nets"][name]["runs"] = net["runs"].clone();
    }
    file
}

#[test]
fn xor_with_more_optimizers() {
    type Net = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
    Case::<Net, _>::new(&file_of_optimizers(), "xor", row::<1>).more::<BinaryCrossEntropy, One>();
}

#[test]
fn tanh_with_more_optimizers() {
    type Net = chain![Dense<3, 5, Tanh>, Dense<5, 2>];
    Case::<Net, _>::new(&file_of_optimizers(), "tanh", row::<2>).more::<MeanSquaredError, Both>();
}
