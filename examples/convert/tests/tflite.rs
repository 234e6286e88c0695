//! Files of TensorFlow Lite, and what its interpreters compute for them.
#![cfg(all(feature = "tflite", feature = "keras"))]

#[path = "common/tflite.rs"]
mod common;

use baregrad::int8::DynamicRange;
use baregrad::net::{Layer, Network};
use baregrad::prelude::*;
use baregrad::tensor::{Image, Sequence, Tensor, Zero};
use baregrad_convert::Model;
use baregrad_convert::tflite::{File, Int8};
use common::{Reference, field, folder, own, read};
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
        ZeroPadding2d<Image<6, 5, 3>, Image<6, 5, 3>, 0, 0>, DynamicRange, Conv2d<Image<6, 5, 3>, Map, 3, 3, 2, Relu>,
        DynamicRange, Conv2d<Map, Image<3, 3, 32>, 1, 1>, GlobalAveragePool, Dense<32, 4>,
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
    type Mfcc = Image<49, 10, 1>;
    type Block = chain![DepthwiseConv2d<Map, Map, 3, 3, 1, Relu>, DynamicRange, Conv2d<Map, Map, 1, 1, 1, Relu>];
    type Kws = chain![
        ZeroPadding2d<Mfcc, Mfcc, 0, 0>, DynamicRange, Conv2d<Mfcc, Map, 10, 4, 2, Relu>, Block, Block, Block, Block,
        AveragePool2d<Map, Image<1, 1, 64>, 25, 5>, Flatten<64>, Dense<64, 12, Softmax>,
    ];
    agree::<Kws>(&Reference::of(field(), "kws_ref_model_float32"), &of("kws_ref_model_float32"), "outputs", 1e-5);
}

/// The error of a file.
fn error(bytes: &[u8]) -> String {
    Model::of_tflite(bytes).unwrap_err().to_string()
}

#[test]
fn all_that_is_not_supported_is_listed() {
    let operators = [
        "0 SHAPE (version 1): this operator of floats is not supported; the nearest form that is: an export with fixed lengths, where RESHAPE has a constant shape",
        "1 STRIDED_SLICE (version 1): this operator of floats is not supported; the nearest form that is: an export with fixed lengths, where RESHAPE has a constant shape",
        "2 PACK (version 1): this operator of floats is not supported; the nearest form that is: an export with fixed lengths, where RESHAPE has a constant shape",
        "3 TRANSPOSE_CONV (version 3): this operator of floats is not supported; the nearest form that is: CONV_2D",
        "4 LEAKY_RELU (version 1): alpha = 0.125 is not supported; the nearest form that is: alpha of whole hundredths",
        "5 REVERSE_V2 (version 1): this operator of floats is not supported",
        "8 EXP (version 1): this operator of floats is not supported",
    ];
    let found = error(&read("foreign"));
    let mut found: Vec<_> = found.lines().collect();
    found.sort_unstable();
    assert_eq!(found, operators);
    let of_integers = "TFLite: a net of Int8 to Int8 is not supported; the nearest form that is: floats of 32 bits";
    assert_eq!(error(&read("row_int8")), of_integers);
    let of_floats = Int8::of_tflite(&read("row_float"), "", "", 1).unwrap_err().to_string();
    assert_eq!(
        of_floats,
        "TFLite: a net of floats is not supported; the nearest form that is: a net of integers of 8 bits"
    );
}

#[test]
fn damaged_files_end_in_an_error() {
    assert_eq!(error(b""), "TFLite: no identifier TFL3");
    let read_all = |bytes: &[u8]| (Model::of_tflite(bytes).is_ok(), Int8::of_tflite(bytes, "", "", 1).is_ok());
    for (name, step) in
        [("row_float", 1), ("row_int8", 1), ("steps_float", 2), ("steps_int8", 2), ("image_int8", 5), ("hybrid", 5)]
    {
        let bytes = read(name);
        for at in (0..bytes.len()).step_by(step) {
            // Whatever they are read as, nothing panics.
            let mut damaged = bytes.clone();
            damaged[at] ^= [1, 0x80, 0xFF][at / step % 3];
            read_all(&damaged);
            if at % 16 == 0 {
                read_all(&bytes[..at]);
            }
        }
        assert_eq!(read_all(&bytes[..bytes.len() / 2]), (false, false));
    }
}

#[test]
fn all_reference_models_are_read() {
    let Some(folder) = folder() else { return };
    for of in field() {
        let bytes = fs::read(folder.join(format!("{}.tflite", of.name))).unwrap();
        let file = File::read(&bytes).unwrap();
        let names: Vec<_> = file.graphs[0].operators.iter().map(|operator| &*operator.name).collect();
        assert_eq!(names, of.operators(), "{}", of.name);
        match file.is_of_floats() {
            true => _ = Model::of_tflite(&bytes).unwrap(),
            false => _ = Int8::of_tflite(&bytes, &of.name, "", 1).unwrap(),
        }
    }
}
