//! Clipping, accumulation, penalties and early stopping beside Keras: `tests/reference/README.md` says what the numbers are.

use crate::common::numbers::{assert_close, bits};
use crate::common::reference::{flat as numbers, floats, load};
use crate::common::weights;
use baregrad::Values;
use baregrad::callbacks::Callback;
use baregrad::clipping::{ClipNorm, ClipValue, GlobalClipNorm};
use baregrad::losses::Loss;
use baregrad::net::Layer;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;
use baregrad::{Accumulate, Buffered, Direct, Gradients};
use serde_json::Value;

fn file() -> Value {
    load("training_options")
}

/// A net of the reference file with its data.
struct Case<X, T, L> {
    json: Value,
    x: Vec<X>,
    targets: Vec<T>,
    loss: std::marker::PhantomData<L>,
}

impl<X: Tensor, T, L> Case<X, T, L> {
    fn new(name: &str, target: impl Fn(&Value) -> T) -> Self {
        let json = file()["nets"][name].clone();
        let x = X::from_flat(&floats(&json["x"])).to_vec();
        let targets = json["y"].as_array().unwrap().iter().map(target).collect();
        Case { json, x, targets, loss: std::marker::PhantomData }
    }

    /// 100 batches; the weights after 1, 10 and 100 of them.
    fn run<N, O, G>(&self, run: &str, optimizer: O) -> Vec<Vec<u32>>
    where
        N: Network<Input = X> + Layer<X>,
        L: Loss<<N as Layer<X>>::Y, T> + Default,
        O: Optimizer,
        G: Gradients,
    {
        let want = &self.json["runs"][run];
        let batch_size = self.json["batch_size"].as_u64().unwrap() as usize;
        let initial: Vec<f32> =
            self.json["initial"].as_array().unwrap().iter().flat_map(|t| floats(&t["data"])).collect();
        let mut model = Box::new(Trainer::<N, L, O, 6, G>::untrained(L::default(), optimizer));
        weights::write(&mut model.net, &initial);
        let batches: Vec<_> = self.x.chunks(batch_size).zip(self.targets.chunks(batch_size)).collect();
        let (mut losses, mut stages) = (Vec::new(), Vec::new());
        for step in 1..=100 {
            let (x, targets) = batches[(step - 1) % batches.len()];
            losses.push(model.step(x, targets).unwrap());
            if let Some(want) = want["weights"].get(step.to_string()) {
                let weights = weights::read(&mut model.net);
                assert_close(&weights, &numbers(want), 2e-5, &format!("{run}: weights after step {step}"));
                stages.push(bits(&weights));
            }
        }
        assert_eq!(stages.len(), 3);
        assert_close(&losses, &numbers(&want["losses"]), 2e-5, &format!("{run}: losses"));
        stages
    }

    /// With and without a gradient buffer: the same bits.
    fn both<N, O>(&self, run: &str, optimizer: O)
    where
        N: Network<Input = X> + Layer<X>,
        L: Loss<<N as Layer<X>>::Y, T> + Default,
        O: Optimizer + Clone,
    {
        let direct = self.run::<N, O, Direct>(run, optimizer.clone());
        assert_eq!(direct, self.run::<N, O, Buffered>(run, optimizer), "{run}: with and without a gradient buffer");
    }

    fn options<N, O>(&self, name: &str, optimizer: O)
    where
        N: Network<Input = X> + Layer<X>,
        L: Loss<<N as Layer<X>>::Y, T> + Default,
        O: Optimizer + Clone,
    {
        let all = || optimizer.clone();
        self.both::<N, _>(&format!("{name}_clipvalue"), ClipValue::new(all(), 0.05));
        self.run::<N, _, Buffered>(&format!("{name}_clipnorm"), ClipNorm::new(all(), 0.1));
        self.run::<N, _, Buffered>(&format!("{name}_global_clipnorm"), GlobalClipNorm::new(all(), 0.2));
        self.run::<N, _, Accumulate<3>>(&format!("{name}_accumulation"), all());
        let clipped = GlobalClipNorm::new(all(), 0.2);
        self.run::<N, _, Accumulate<3>>(&format!("{name}_accumulation_global_clipnorm"), clipped);
    }
}

type First = L1<10_000>;
type Second = L2<20_000>;
type Both = L1L2<3_000, 10_000>;

#[test]
fn tanh() {
    fn all<O: Optimizer + Clone>(name: &str, optimizer: O) {
        type Net<A, B> = chain![A, B];
        type A<P = ()> = Dense<3, 5, Tanh, P>;
        type B<P = ()> = Dense<5, 2, Linear, P>;
        let case = Case::<[f32; 3], [f32; 2], MeanSquaredError>::new("tanh", |y| floats(y).try_into().unwrap());
        case.options::<Net<A, B>, O>(name, optimizer.clone());
        case.both::<Net<A<First>, B>, O>(&format!("{name}_l1"), optimizer.clone());
        case.both::<Net<A<Second>, B>, O>(&format!("{name}_l2"), optimizer.clone());
        case.both::<Net<A<Both>, B>, O>(&format!("{name}_l1l2"), optimizer.clone());
        let clipped = GlobalClipNorm::new(optimizer, 0.2);
        type All = Net<A<Second>, B<Second>>;
        case.run::<All, _, Buffered>(&format!("{name}_l2_global_clipnorm"), clipped);
    }
    all("sgd", Sgd::new(0.05));
    all("adam", Adam::new(1e-3));
}

#[test]
fn classifier() {
    type Net<A, B> = chain![A, B];
    type A<P = ()> = Dense<8, 16, Relu, P>;
    type B<P = ()> = Dense<16, 10, Linear, P>;
    type ClassLoss = SparseCategoricalCrossEntropy<Logits>;
    let case = Case::<[f32; 8], usize, ClassLoss>::new("classifier", |y| y.as_u64().unwrap() as usize);
    let adam = || Adam::new(1e-3);
    case.options::<Net<A, B>, _>("adam", adam());
    case.both::<Net<A<First>, B>, _>("adam_l1", adam());
    case.both::<Net<A<Second>, B>, _>("adam_l2", adam());
    case.both::<Net<A<Both>, B>, _>("adam_l1l2", adam());
    type All = Net<A<Second>, B<Second>>;
    case.run::<All, _, Buffered>("adam_l2_global_clipnorm", GlobalClipNorm::new(adam(), 0.2));
}

/// The callback on the values that Keras' was given; the only weight is the number of the epoch.
#[test]
fn early_stopping() {
    type Model = Trainer<Dense<1, 1>, MeanSquaredError, Sgd, 1>;
    for case in file()["early_stopping"].as_array().unwrap() {
        let options = &case["options"];
        let number = |name: &str| options.get(name).and_then(Value::as_f64);
        let max = options.get("mode").is_some();
        let mut best = [0.0; <Dense<1, 1>>::COUNT];
        let mut stop = EarlyStopping::new(number("patience").unwrap() as usize)
            .monitor(Monitor::ValMetric(0, if max { Mode::Max } else { Mode::Min }))
            .min_delta(number("min_delta").unwrap_or(0.0) as f32)
            .start_from_epoch(number("start_from_epoch").unwrap_or(0.0) as usize)
            .restore_best_weights(&mut best);
        if let Some(baseline) = number("baseline") {
            stop = stop.baseline(baseline as f32);
        }
        let mut model = Model::untrained(MeanSquaredError, Sgd::default());
        Callback::<Model>::on_train_begin(&mut stop, &mut model);
        let (mut epochs, mut stopped) = (0, false);
        for (number, value) in floats(&case["values"]).into_iter().enumerate() {
            model.net.w[0][0] = number as f32;
            let mut epoch = Epoch { number, loss: 1.0, val_metrics: [value].figures(), ..Epoch::default() };
            epochs += 1;
            stopped = stop.on_epoch_end(&mut model, &mut epoch).unwrap().is_break();
            if stopped {
                break;
            }
        }
        stop.on_train_end(&mut model);
        assert_eq!(epochs, case["epochs"].as_u64().unwrap(), "{case}");
        assert_eq!(stopped, case["stopped"].as_bool().unwrap(), "{case}");
        assert_eq!(stop.stopped_epoch().is_some(), stopped);
        assert_eq!(stop.best_epoch() as u64, case["best_epoch"].as_u64().unwrap(), "{case}");
        assert_eq!(f64::from(model.net.w[0][0]), case["restored"].as_f64().unwrap(), "{case}");
    }
}

/// A norm that overflows leaves a step of finite length.
#[test]
fn clipping_of_huge_gradients() {
    let sgd = GlobalClipNorm::new(Sgd::new(0.1), 1.0);
    let mut model = Trainer::<Dense<2, 1>, _, _, 1, Buffered>::untrained(MeanSquaredError, sgd);
    model.step(&[[1e15, 1e19]], &[[1e15]]).unwrap();
    assert!(model.net.w.flat().iter().all(|w| w.is_finite() && w.abs() <= 0.1), "{:?}", model.net.w);
}
