//! Whole training runs beside those of Keras and PyTorch: `tests/reference/README.md` says what the numbers are.

use crate::common::reference::{floats, load};
use crate::common::runs::{Case, Out};
use baregrad::losses::Loss;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::{Buffered, Direct};
use serde_json::Value;

impl<N: Network, T> Case<'_, N, T> {
    /// Both ways to a step give the reference's weights, and the same bits.
    fn both<L: Loss<Out<N>, T> + Default, O: Optimizer + Clone>(&self, run: &str, optimizer: O) {
        let direct = self.run::<L, O, Direct>(run, optimizer.clone()).unwrap();
        let buffered = self.run::<L, O, Buffered>(run, optimizer).unwrap();
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
        self.first_batch::<L>().unwrap();
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
        case.run::<L, O, Direct>(run, optimizer).unwrap();
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

/// A batch normalisation between two dense layers: its moving statistics are compared, too.
#[test]
fn batch_norm() {
    type Relus = chain![Dense<3, 5>, BatchNorm<5, Relu>, Dense<5, 2>];
    type Tanhs = chain![Dense<3, 5, Tanh>, BatchNorm<5>, Dense<5, 2>];
    let file = load("batch_norm");
    Case::<Relus, _>::new(&file, "norm_relu", row::<2>).both::<MeanSquaredError, _>("sgd", Sgd::new(0.05));
    let tanhs = Case::<Tanhs, _>::new(&file, "tanh_norm", row::<2>);
    tanhs.both::<MeanSquaredError, _>("sgd", Sgd::new(0.05));
    tanhs.both::<MeanSquaredError, _>("adam", Adam::new(1e-3));
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
