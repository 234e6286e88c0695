//! ONNX: what other tools wrote, and what is written here.
#![cfg(feature = "onnx")]

#[path = "../examples/digits/mod.rs"]
#[allow(dead_code)]
mod digits;

use baregrad::prelude::*;
use baregrad_convert::Model;
use digits::{agree, models};
use std::fs;

type Operators = chain![
    Dense<64, 16, Relu>, Dense<16, 16, LeakyRelu<5>>, Dense<16, 16, Elu>, Dense<16, 16, Selu>, Dense<16, 16, Sigmoid>,
    Dense<16, 16, Tanh>, Dense<16, 16, Softplus>, LayerNorm<16>, Dense<16, 16, Softsign>, Dense<16, 16, HardSigmoid>,
    Dense<16, 16, HardSwish>, Dense<16, 16, Gelu>, Dense<16, 16, GeluTanh>, Dense<16, 16, LogSoftmax>,
    Dense<16, 16, Silu>, Dense<16, 10, Softmax>,
];

fn read(name: &str) -> Vec<u8> {
    fs::read(models().join(name)).unwrap()
}

#[test]
fn all_operators_give_what_onnxruntime_gives() {
    let mut net = Operators::NEW;
    net.1.1.1.1.1.1.1.0.epsilon = 1e-4;
    Model::of_onnx(&read("operators.onnx")).unwrap().load_into(&mut net).unwrap();
    agree("operators", &net).unwrap();
}

#[test]
fn written_and_read_again() {
    for name in ["mlp", "named", "operators"] {
        let model = Model::of_onnx(&read(&format!("{name}.onnx"))).unwrap();
        assert_eq!(Model::of_onnx(&model.to_onnx()).unwrap(), model, "{name}");
        let types = model.layer_types().join(", ");
        let bytes = model.to_bytes();
        let again = Model::of_bytes(&bytes, &types).unwrap();
        assert_eq!(again.tensors(), model.tensors(), "{name}");
    }
}

#[test]
fn own_form_is_that_of_the_library() {
    let model = Model::of_onnx(&read("operators.onnx")).unwrap();
    let (mut a, mut b) = (Operators::NEW, Operators::NEW);
    model.load_into(&mut a).unwrap();
    baregrad::file::decode(&mut b, &model.to_bytes()).unwrap();
    assert_eq!((a.0.w, a.1.1.1.1.1.1.1.0.gamma), (b.0.w, b.1.1.1.1.1.1.1.0.gamma));
    let bytes = model.to_bytes();
    let types = model.layer_types().join(", ");
    for byte in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[byte] ^= 4;
        assert!(Model::of_bytes(&damaged, &types).is_err(), "{byte}");
        assert!(Model::of_bytes(&bytes[..byte], &types).is_err(), "{byte}");
    }
    let mut older = bytes.clone();
    older[4] = 1;
    let error = Model::of_bytes(&older, &types).unwrap_err().to_string();
    assert!(error.contains("layout version 1, but only 2 is known"), "{error}");
}

/// The error that a model has after a change of bytes: names are as long as before.
fn error(from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> String {
    let (from, to) = (from.as_ref(), to.as_ref());
    assert_eq!(from.len(), to.len());
    let mut bytes = read("operators.onnx");
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(from.len()).position(|window| *window == *from) {
        bytes[at + found..at + found + from.len()].copy_from_slice(to);
        at += found + from.len();
    }
    Model::of_onnx(&bytes).unwrap_err().to_string()
}

#[test]
fn nodes_that_are_refused() {
    let softsign = error("Softsign", "Mystique");
    assert!(
        softsign.starts_with("Mystique Mystique_") && softsign.ends_with("this operator is not supported"),
        "{softsign}"
    );
    assert!(error("transB", "transA").contains("transA is not supported"));
    assert!(error("tanh", "tann").contains("another approximation than tanh"));
    assert!(Model::of_onnx(b"\xff\xff\xff").unwrap_err().to_string().starts_with("ONNX: "));
    assert_eq!(Model::of_onnx(b"").unwrap_err().to_string(), "ONNX: no graph");
}

#[test]
fn tensors_and_graphs_that_are_refused() {
    // The first weights: dimensions 64 and 16, type 1, which is f32.
    let weights = b"\x08\x40\x08\x10\x10\x01";
    assert!(error(weights, b"\x08\x40\x08\x10\x10\x06").starts_with("tensor w1 has numbers of type"));
    assert_eq!(error(weights, b"\x08\x40\x08\x0f\x10\x01"), "tensor w1: 1024 numbers for the shape [64, 15]");
    assert_eq!(error(weights, b"\x08\x10\x08\x40\x10\x01"), "tensor b1 has the shape [16], but the net needs [64]");
    // The second dense layer takes what the first one gives, past the activation.
    assert!(error("\n\x06Relu_2\n", "\n\x06Gemm_1\n").starts_with("Gemm Gemm_3: a graph that is not a chain"));
}

#[test]
fn truncated_files() {
    let bytes = read("mlp.onnx");
    for len in 0..bytes.len() {
        assert!(Model::of_onnx(&bytes[..len]).is_err(), "{len}");
    }
}
