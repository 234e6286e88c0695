//! Batch normalisation beside Keras' and PyTorch's: the layer, its kernels, its twin in f64, and nets that have it.
//! `tests/reference/README.md` says what the numbers are.

use super::training::row;
use crate::common::naive::batch_norm::{BatchNorm as Twin, Follow};
use crate::common::numbers::assert_close;
use crate::common::passes;
use crate::common::reference::{flat, floats, load};
use crate::common::runs::Case;
use baregrad::kernels::batch_norm;
use baregrad::kernels::matmul::Plain;
use baregrad::layers::Channels;
use baregrad::net::Layer;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::Yes;
use baregrad::{Buffered, Direct};
use serde_json::Value;
use std::ops::Range;

/// Keras and PyTorch, with their epsilon and their way to follow batches.
fn libraries(file: &Value) -> [(&'static str, f64, Follow); 2] {
    let number = |library: &str, name: &str| file[library][name].as_f64().unwrap();
    [
        ("keras", number("keras", "epsilon"), Follow::Keras { momentum: number("keras", "momentum") }),
        ("torch", number("torch", "eps"), Follow::Torch { momentum: number("torch", "momentum") }),
    ]
}

#[test]
fn the_twin_computes_what_they_do() {
    let file = load("batch_norm");
    for case in file["layers"].as_array().unwrap() {
        let shape = &case["shape"];
        let samples = shape[0].as_u64().unwrap() as usize;
        let x = flat(&case["x"]);
        let x: Vec<Vec<f64>> = x.chunks(x.len() / samples).map(<[f64]>::to_vec).collect();
        for (library, epsilon, follow) in libraries(&file) {
            let [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "variance"].map(|name| flat(&case[name]));
            let mut layer = Twin { gamma, beta, mean, variance, epsilon };
            let want = &case[library];
            let what = format!("{library}, {shape}");
            let narrow = |values: &[f64]| values.iter().map(|v| *v as f32).collect::<Vec<f32>>();
            for (mode, y) in [("training", layer.train(&x)), ("inference", layer.infer(&x))] {
                assert_close(&narrow(&y.concat()), &flat(&want[mode]["y"]), 2e-6, &format!("{what}: {mode}"));
            }
            for moving in want["moving"].as_array().unwrap() {
                layer.settle(&x, follow);
                assert_close(&narrow(&layer.mean), &flat(&moving["mean"]), 1e-6, &format!("{what}: mean"));
                assert_close(&narrow(&layer.variance), &flat(&moving["variance"]), 1e-6, &format!("{what}: variance"));
            }
        }
    }
}

#[test]
fn the_kernels_compute_what_they_do() {
    let file = load("batch_norm");
    for case in file["layers"].as_array().unwrap() {
        let [x, dy, gamma, beta, moving_mean, moving_variance] =
            ["x", "dy", "gamma", "beta", "mean", "variance"].map(|name| floats(&case[name]));
        let (channels, rows) = (gamma.len(), x.len() / gamma.len());
        for (library, epsilon, follow) in libraries(&file) {
            let of_channels = || vec![0.0; channels];
            let (mut mean, mut variance) = (of_channels(), of_channels());
            batch_norm::statistics(&x, &mut mean, &mut variance);
            let modes = [("training", &mean, &variance), ("inference", &moving_mean, &moving_variance)];
            for (mode, mean, variance) in modes {
                let [mut scale, mut dgamma, mut dbeta] = [(); 3].map(|()| of_channels());
                let [mut y, mut dx] = [(); 2].map(|()| vec![0.0; x.len()]);
                batch_norm::scale_of(variance, epsilon as f32, &mut scale);
                batch_norm::normalise(&x, mean, &scale, &gamma, &beta, &mut y, &Plain);
                batch_norm::weight_gradient(&x, mean, &scale, &dy, &mut dgamma, &mut dbeta);
                if mode == "training" {
                    batch_norm::input_gradient(&x, mean, &scale, &gamma, &dy, &dgamma, &dbeta, rows, &mut dx);
                } else {
                    batch_norm::inference_input_gradient(&scale, &gamma, &dy, &mut dx);
                }
                for (name, got) in [("y", y), ("dx", dx), ("dgamma", dgamma), ("dbeta", dbeta)] {
                    let what = format!("{library}, {}: {name} in {mode}", case["shape"]);
                    assert_close(&got, &flat(&case[library][mode][name]), 4e-6, &what);
                }
            }
            let (momentum, correction) = match follow {
                Follow::Keras { momentum } => (momentum, 1.0),
                Follow::Torch { momentum } => (1.0 - momentum, rows as f32 / (rows as f32 - 1.0)),
            };
            let (mut moving_mean, mut moving_variance) = (moving_mean.clone(), moving_variance.clone());
            variance.iter_mut().for_each(|variance| *variance *= correction);
            for moving in case[library]["moving"].as_array().unwrap() {
                batch_norm::moving_average(&mean, momentum as f32, &mut moving_mean);
                batch_norm::moving_average(&variance, momentum as f32, &mut moving_variance);
                let what = format!("{library}, {}: moving", case["shape"]);
                assert_close(&moving_mean, &flat(&moving["mean"]), 1e-6, &what);
                assert_close(&moving_variance, &flat(&moving["variance"]), 1e-6, &what);
            }
        }
    }
}

/// A layer with the weights of the file.
fn layer<const C: usize>(case: &Value, library: &str) -> BatchNorm<C> {
    let of = |name: &str| row::<C>(&case[name]);
    let mut layer = if library == "torch" { BatchNorm::NEW.pytorch() } else { BatchNorm::NEW };
    (layer.gamma, layer.beta, layer.mean, layer.variance) = (of("gamma"), of("beta"), of("mean"), of("variance"));
    layer
}

fn check_layer<X: Channels<C>, const C: usize>(case: &Value) {
    let [x, dy] = ["x", "dy"].map(|name| X::from_flat(&floats(&case[name])).to_vec());
    for library in ["keras", "torch"] {
        let want = &case[library];
        let what = format!("{library}, {}", case["shape"]);
        for (mode, training) in [("training", Some(1)), ("inference", None)] {
            let passed = passes::train::<4, Yes, X, _>(&layer::<C>(case, library), &x, training, &|_, to| {
                to.copy_from_slice(&dy);
            });
            let close = |got: &[f32], name: &str| {
                assert_close(got, &flat(&want[mode][name]), 4e-6, &format!("{what}: {name} in {mode}"));
            };
            let (dgamma, dbeta) = passed.gradient.split_at(C);
            close(X::flat_all(&passed.y), "y");
            close(X::flat_all(&passed.dx), "dx");
            close(dgamma, "dgamma");
            close(dbeta, "dbeta");
        }
        let mut layer = layer::<C>(case, library);
        let y = passes::infer(&layer, &x);
        assert_close(X::flat_all(&y), &flat(&want["inference"]["y"]), 4e-6, &format!("{what}: y of inference"));
        for moving in want["moving"].as_array().unwrap() {
            passes::settle::<4, X, _>(&mut layer, &x);
            assert_close(&layer.mean, &flat(&moving["mean"]), 1e-6, &format!("{what}: mean"));
            assert_close(&layer.variance, &flat(&moving["variance"]), 1e-6, &format!("{what}: variance"));
        }
    }
}

#[test]
fn the_layer_computes_what_they_do() {
    let file = load("batch_norm");
    let [vectors, sequences, images] = &file["layers"].as_array().unwrap()[..] else { panic!("other layers") };
    check_layer::<[f32; 3], 3>(vectors);
    check_layer::<[[f32; 3]; 5], 3>(sequences);
    check_layer::<[[[f32; 2]; 4]; 3], 2>(images);
}

/// Dense (3-5), the normalisation in some place, dense (5-2): where the biases of the first layer and the moving mean lie.
const BIASES: Range<usize> = 15..20;
const MEAN: Range<usize> = 30..35;

/// A run of either library, with and without a gradient in memory.
fn run<N: Network<Input = [f32; 3]> + Layer<[f32; 3], Y = [f32; 2]>, O: Optimizer + Clone>(
    case: &Case<N, [f32; 2]>,
    net: impl Fn() -> N,
    run: &str,
    optimizer: O,
    noise: &[Range<usize>],
) {
    let direct = case.run_of::<MeanSquaredError, O, Direct>(net(), run, optimizer.clone(), noise);
    let buffered = case.run_of::<MeanSquaredError, O, Buffered>(net(), run, optimizer, noise);
    assert_eq!(direct, buffered, "{run}");
}

#[test]
fn before_its_activation() {
    type Net = chain![Dense<3, 5>, BatchNorm<5, Relu>, Dense<5, 2>];
    let torch = || {
        let Chain(first, Chain(norm, last)) = Net::NEW;
        Chain(first, Chain(norm.pytorch(), last))
    };
    let file = load("batch_norm");
    let case = Case::<Net, _>::new(&file, "norm_relu", row::<2>);
    // The normalisation takes the biases away: their gradient is rounding, which Adam makes large.
    let noise = [BIASES, MEAN];
    run(&case, || Net::NEW, "sgd", Sgd::new(0.05), &[]);
    run(&case, || Net::NEW, "adam", Adam::new(1e-3), &noise);
    run(&case, torch, "torch_sgd", Sgd::new(0.05), &[]);
    run(&case, torch, "torch_adam", Adam::pytorch(1e-3), &noise);
}

#[test]
fn behind_an_activation() {
    type Net = chain![Dense<3, 5, Tanh>, BatchNorm<5>, Dense<5, 2>];
    let torch = || {
        let Chain(first, Chain(norm, last)) = Net::NEW;
        Chain(first, Chain(norm.pytorch(), last))
    };
    let file = load("batch_norm");
    let case = Case::<Net, _>::new(&file, "tanh_norm", row::<2>);
    run(&case, || Net::NEW, "sgd", Sgd::new(0.05), &[]);
    run(&case, || Net::NEW, "adam", Adam::new(1e-3), &[]);
    run(&case, torch, "torch_sgd", Sgd::new(0.05), &[]);
    run(&case, torch, "torch_adam", Adam::pytorch(1e-3), &[]);
}
