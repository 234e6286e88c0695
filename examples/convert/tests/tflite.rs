//! Files of TensorFlow Lite, and what its interpreters compute for them.
#![cfg(all(feature = "tflite", feature = "keras"))]

#[path = "common/tflite.rs"]
mod common;

use baregrad::net::{Layer, Network};
use baregrad::prelude::*;
use baregrad::tensor::{Image, Sequence, Tensor, Zero};
use baregrad_convert::Model;
use baregrad_convert::tflite::{File, Kind, Type};
use common::{Reference, field, folder, models, own, read};
use std::fs;

/// Compares a net of floats with the outputs of the reference under a key.
fn agree<N: Network>(of: &Reference, model: &Model, key: &str, bound: f32)
where
    <N as Layer<N::Input>>::Y: Tensor,
{
    let mut net = N::NEW;
    model.load_into(&mut net).unwrap();
    let (mut worst, mut work) = (0.0_f32, vec![0.0; N::WORK]);
    for (number, expected) in of.rows(key).iter().enumerate() {
        let mut y = [<N as Layer<N::Input>>::Y::ZERO];
        net.infer(N::Input::from_flat(&of.floats(number)), &mut y, &mut work);
        let distances = y[0].flat().iter().zip(expected).map(|(y, expected)| (y - expected).abs());
        worst = distances.fold(worst, f32::max);
    }
    println!("{}: at most {worst:e} from {}", of.name, of.by());
    assert!(worst <= bound, "{}: {worst:e}", of.name);
}

fn of_own(name: &str) -> (Reference, Model) {
    (Reference::of(own(), name), Model::of_tflite(&read(name)).unwrap())
}

#[test]
fn nets_of_floats() {
    let (row, model) = of_own("row_float");
    agree::<chain![Dense<12, 8, Relu>, Dense<8, 3>]>(&row, &model, "outputs", 1e-5);
    let (steps, model) = of_own("steps_float");
    type Steps = chain![Lstm<Sequence<6, 5>, Sequence<6, 4>>, Flatten<24>, Dense<24, 3, Softmax>];
    agree::<Steps>(&steps, &model, "fresh_outputs", 1e-5);
    let (hybrid, model) = of_own("hybrid");
    type Map = Image<3, 3, 40>;
    type Hybrid = chain![
        Conv2d<Image<6, 5, 3>, Map, 3, 3, 2, Relu>, Conv2d<Map, Image<3, 3, 32>, 1, 1>, GlobalAveragePool, Dense<32, 4>,
    ];
    agree::<Hybrid>(&hybrid, &model, "outputs", 1e-5);
}

#[test]
fn reference_models_of_floats() {
    let Some(folder) = folder() else { return };
    let of = |name: &str| Model::of_tflite(&fs::read(folder.join(format!("{name}.tflite"))).unwrap()).unwrap();
    type Steps = chain![Lstm<Sequence<28, 28>, Sequence<28, 20>>, Flatten<560>, Dense<560, 10, Softmax>];
    agree::<Steps>(&Reference::of(field(), "trained_lstm"), &of("trained_lstm"), "fresh_outputs", 1e-5);
    type Map = Image<25, 5, 64>;
    type Block = chain![DepthwiseConv2d<Map, Map, 3, 3, 1, Relu>, Conv2d<Map, Map, 1, 1, 1, Relu>];
    type Kws = chain![Conv2d<Image<49, 10, 1>, Map, 10, 4, 2, Relu>, Block, Block, Block, Block, AveragePool2d<Map, Image<1, 1, 64>, 25, 5>, Flatten<64>, Dense<64, 12, Softmax>];
    agree::<Kws>(&Reference::of(field(), "kws_ref_model_float32"), &of("kws_ref_model_float32"), "outputs", 1e-5);
}
