//! Batch normalisation beside Keras' and PyTorch's: the kernels, and the twin in f64. `tests/reference/README.md` says what the
//! numbers are.

use crate::common::naive::batch_norm::{BatchNorm, Follow};
use crate::common::numbers::assert_close;
use crate::common::reference::{flat, floats, load};
use baregrad::kernels::batch_norm;
use baregrad::kernels::matmul::Plain;
use serde_json::Value;

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
            let mut layer = BatchNorm { gamma, beta, mean, variance, epsilon };
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
