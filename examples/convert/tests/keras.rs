//! `.keras` files that are refused, each by the name of what is wrong: those of Keras with a changed configuration.
#![cfg(feature = "keras")]

#[path = "../examples/digits/mod.rs"]
#[allow(dead_code)]
mod digits;

use baregrad_convert::{Activation, Error, Layer, Model};
use digits::models;
use std::fs;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// A model with `from` replaced by `to` in its configuration, the file deflated.
fn changed(name: &str, from: &str, to: &str) -> Result<Model, Error> {
    let bytes = fs::read(models().join(format!("{name}.keras"))).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    for part in ["config.json", "model.weights.h5"] {
        let mut bytes = Vec::new();
        archive.by_name(part).unwrap().read_to_end(&mut bytes).unwrap();
        if part == "config.json" {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "{from} is not in {text}");
            bytes = text.replace(from, to).into();
        }
        copy.start_file(part, SimpleFileOptions::default()).unwrap();
        copy.write_all(&bytes).unwrap();
    }
    Model::of_keras(&copy.finish().unwrap().into_inner())
}

fn refused(name: &str, from: &str, to: &str, message: &str) {
    let error = changed(name, from, to).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn unchanged_is_taken() {
    let model = changed("digits", "", "").unwrap();
    assert_eq!(model.layer_types(), ["Dense<64, 32, Relu>", "Dropout<20>", "Dense<32, 10, Softmax>"]);
}

#[test]
fn layers_that_are_not_there() {
    refused("digits", "\"Dropout\"", "\"Conv1D\"", "dropout: a Conv1D layer is not supported");
    refused("digits", "\"Sequential\"", "\"Mine\"", "the model: the class Mine is not supported");
    refused("digits", "\"relu\"", "\"relu6\"", "dense: the activation \"relu6\" is not supported");
    refused("kinked", "\"max_value\": null", "\"max_value\": 6", "a ReLU of max_value 6 is not supported");
    refused("kinked", "\"rms_scaling\": false", "\"rms_scaling\": true", "norm: rms_scaling is not supported");
    refused("kinked", "\"axis\": [-1]", "\"axis\": [-1, -2]", "norm: the axis [-1,-2] is not supported");
    // Keras 3.11 does not write it.
    refused(
        "kinked",
        "\"name\": \"elu\",",
        "\"name\": \"elu\", \"alpha\": 0.5,",
        "elu: a ELU of alpha 0.5 is not supported",
    );
    refused("kinked", "0.1", "0.125", "a LeakyReLU of negative_slope 0.125 is not supported");
    refused("digits", "\"rate\": 0.2", "\"rate\": 1.0", "dropout: the rate 1.0 is not supported");
    refused("normalised", "\"invert\": false", "\"invert\": true", "inverted or second Normalization");
    refused("normalised", "\"mean\": null", "\"mean\": 0.0", "normalization: a given mean is not supported");
}

#[test]
fn graphs_that_are_no_chain() {
    refused("kinked", "[\"first\", 0, 0]", "[\"pixels\", 0, 0]", "(it takes pixels, and not first alone)");
    refused(
        "kinked",
        "\"class_name\": \"Flatten\"",
        "\"class_name\": \"ReLU\"",
        "pixels: a ReLU on samples of shape [8, 8]",
    );
}

#[test]
fn tensors_that_do_not_fit() {
    let error = changed("digits", "\"units\": 32", "\"units\": 33").unwrap_err();
    assert_eq!(error.to_string(), "tensor dense/kernel has the shape [64, 32], but the net needs [64, 33]");
    let error = changed("digits", "\"use_bias\": true", "\"use_bias\": false").unwrap_err();
    assert_eq!(error.to_string(), "tensor dense/1 of shape [32] belongs to no layer of the net");
    let error = changed("kinked", "\"use_bias\": false", "\"use_bias\": true").unwrap_err();
    assert!(error.to_string().starts_with("tensor first/bias of shape [16] is missing"), "{error}");
    refused(
        "digits",
        "\"name\": \"dense_1\"",
        "\"name\": \"other\"",
        "other: layers/dense_1 has the variables of dense_1",
    );
    refused("digits", "[null, 64]", "[null, null]", "an input of shape [null,null] is not supported");
    let error = changed("float64", "", "").unwrap_err();
    assert!(matches!(&error, Error::Dtype { name, .. } if name.ends_with("/kernel")), "{error}");
}

#[test]
fn more_than_the_bound() {
    // A layer of ones and zeros that the file does not have.
    let error = changed("kinked", "[null, 8, 8]", "[null, 8000000, 800000]").unwrap_err();
    assert!(matches!(error, Error::Shape { .. }), "{error}");
}

#[test]
fn other_ways_to_say_it() {
    let silu = changed("digits", "\"relu\"", "\"swish\"").unwrap();
    assert!(matches!(silu.layers[0], Layer::Dense { activation: Activation::Silu, .. }));
    let function = "{\"class_name\": \"function\", \"config\": \"tanh\"}";
    let tanh = changed("digits", "\"relu\"", function).unwrap();
    assert!(matches!(tanh.layers[0], Layer::Dense { activation: Activation::Tanh, .. }));
    // An older name.
    let leaky = changed("kinked", "\"negative_slope\": 0.1", "\"alpha\": 0.1").unwrap();
    assert_eq!(leaky, changed("kinked", "", "").unwrap());
}

#[test]
fn damaged_files() {
    assert!(matches!(Model::of_keras(b"no zip").unwrap_err(), Error::Zip(_)));
    let bytes = fs::read(models().join("digits.keras")).unwrap();
    for len in (0..bytes.len()).step_by(997) {
        assert!(Model::of_keras(&bytes[..len]).is_err(), "{len}");
    }
}
