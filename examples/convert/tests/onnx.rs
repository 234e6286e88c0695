//! ONNX: what other tools wrote, and what is written here.
#![cfg(feature = "onnx")]

#[path = "../examples/digits/mod.rs"]
#[allow(dead_code)]
mod digits;

#[path = "common/proto.rs"]
mod proto;

use baregrad::prelude::*;
use baregrad_convert::{Layer, Model};
use digits::{agree, models};
use proto::{Message, attribute, bytes, float, integer, model, node, opset, tensor, tensor_of, value};
use std::fs;
use std::path::PathBuf;

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
    let other = |from: &str, to: &str| Model::of_bytes(&bytes, &types.replacen(from, to, 1)).unwrap_err().to_string();
    let error = other("Dense<16, 16, Selu>", "Dense<16, 16, Elu>");
    assert_eq!(error, "layer 3: the file has Dense<16, 16, Selu>, but the net has Dense<16, 16, Elu>");
    let error = other("Dense<64, 16, Relu>", "Dense<64, 16, Relu>, Activate<Tanh>");
    assert_eq!(error, "layer 1: the file has another layer, but the net has Activate<Tanh>");
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
    assert!(error("transB", "transA").contains("transA = 1 is not supported"));
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
    // The second dense layer takes what the first one gives, so that the activation leads nowhere.
    assert!(error("\n\x06Relu_2\n", "\n\x06Gemm_1\n").starts_with("Relu Relu_2: a graph that is neither a chain"));
}

#[test]
fn truncated_files() {
    let bytes = read("mlp.onnx");
    for len in 0..bytes.len() {
        assert!(Model::of_onnx(&bytes[..len]).is_err(), "{len}");
    }
}

/// A file of `tests/cases`.
fn case(name: &str) -> Result<Model, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/");
    Model::of_onnx(&fs::read(format!("{path}{name}.onnx")).unwrap()).map_err(|error| error.to_string())
}

#[test]
fn files_that_were_read_wrongly() {
    assert_eq!(case("add_opset6_axis0").unwrap_err(), "ONNX: opset 6, older than 7, is not supported");
    assert_eq!(case("ln_nan_eps").unwrap_err(), "LayerNormalization h: epsilon is not finite");
    let model = case("gemm_beta0_nan").unwrap();
    let Layer::Dense { b, .. } = &model.layers[0] else { panic!("{model:?}") };
    assert_eq!(b, &[0.0; 3]);
    assert_eq!(case("tanh_first").unwrap().types(), "Rescale<4>, Activate<Tanh>");
}

/// Weights of two numbers to one.
fn w() -> Message {
    tensor("w", &[2, 1], &[1.0, 2.0], &[])
}

fn product() -> Message {
    node("MatMul", &["x", "w"], "y", &[])
}

fn refused(model: Message) -> String {
    Model::of_onnx(&model).unwrap_err().to_string()
}

#[test]
fn small_models_are_read() {
    let read = |parts: &[Message]| Model::of_onnx(&model(2, 1, parts)).unwrap().types();
    assert_eq!(read(&[w(), product()]), "Dense<2, 1>");
    let b = || tensor("b", &[1], &[3.0], &[]);
    let add = node("Add", &["b", "h"], "y", &[]);
    assert_eq!(read(&[w(), b(), node("MatMul", &["x", "w"], "h", &[]), add]), "Dense<2, 1>");
    // An initial value that stands among the inputs as well, as of old.
    assert_eq!(read(&[w(), value(11, "w", 1), product()]), "Dense<2, 1>");
    let rate = [attribute("ratio", 1, float(2, 0.25)), attribute("seed", 2, integer(3, 9))];
    assert_eq!(
        read(&[w(), node("Dropout", &["x"], "h", &rate), node("MatMul", &["h", "w"], "y", &[])]),
        "Rescale<2>, Dropout<25>, Dense<2, 1>"
    );
}

#[test]
fn an_input_that_is_left_out_is_no_constant() {
    for shape in [&[2][..], &[2, 1]] {
        let constant = tensor("", shape, &[1.0, 2.0], &[]);
        let error = refused(model(2, 1, &[constant, node("MatMul", &["x"], "y", &[])]));
        assert_eq!(error, "MatMul y: input 1 (\"\"), which is no constant, is not supported");
    }
}

#[test]
fn names_that_are_defined_twice() {
    let twice = |parts: &[Message]| refused(model(2, 1, parts));
    assert_eq!(twice(&[w(), w(), product()]), "ONNX: two tensors are called \"w\"");
    assert_eq!(twice(&[w(), product(), product()]), "ONNX: two tensors are called \"y\"");
    assert_eq!(twice(&[w(), node("Tanh", &["x"], "w", &[]), product()]), "ONNX: two tensors are called \"w\"");
    assert_eq!(twice(&[w(), node("Tanh", &["x"], "x", &[]), product()]), "ONNX: two tensors are called \"x\"");
    assert_eq!(twice(&[w(), value(11, "x", 2), product()]), "ONNX: two tensors are called \"x\"");
}

#[test]
fn numbers_that_are_not_just_there() {
    let with = |w: Message| refused(model(2, 1, &[w, product()]));
    assert_eq!(with(tensor("w", &[2, 1], &[1.0, 2.0, 3.0], &[])), "tensor w: 3 numbers for the shape [2, 1]");
    assert_eq!(with(tensor_of("w", &[2, 1], bytes(9, [0; 9]))), "tensor w: 1 bytes behind its numbers");
    assert_eq!(with(tensor("w", &[1; 9], &[1.0], &[])), "tensor w: a tensor of 9 axes");
    let segment = bytes(3, [integer(1, 0), integer(2, 2)].concat());
    assert_eq!(with(tensor("w", &[2, 1], &[1.0, 2.0], &[segment])), "tensor w: a segment of a tensor is not supported");
    assert_eq!(with(tensor("w", &[2, 1], &[1.0, 2.0], &[float(4, 1.0)])), "tensor w: its numbers are in two places");
    assert_eq!(with(tensor("w", &[2, 1], &[1.0, f32::NAN], &[])), "MatMul y: a number of `w` is not finite");
}

#[test]
fn attributes_that_are_not_known() {
    let with = |operator: &str, all: &[Message]| refused(model(2, 2, &[node(operator, &["x"], "y", all)]));
    for operator in ["Relu", "LeakyRelu", "Elu", "Selu", "Softmax", "Gelu", "Identity", "Dropout", "Flatten"] {
        let error = with(operator, &[attribute("mystery", 2, integer(3, 1))]);
        assert_eq!(error, format!("{operator} y: the attribute mystery is not supported"));
    }
    let alpha = |kind, value| attribute("alpha", kind, value);
    assert_eq!(
        with("LeakyRelu", &[alpha(2, integer(3, 1))]),
        "LeakyRelu y: alpha is of another type than its operator's"
    );
    assert_eq!(
        with("LeakyRelu", &[alpha(1, float(2, 0.1)), alpha(1, float(2, 0.2))]),
        "LeakyRelu y: alpha is given twice"
    );
    assert!(with("LeakyRelu", &[alpha(1, float(2, f32::NAN))]).contains("alpha = NaN"));
    assert_eq!(
        with("Softmax", &[attribute("axis", 2, integer(3, 0))]),
        "Softmax y: axis = 0 is not supported; the nearest form that is: the axis of the channels"
    );
    assert_eq!(
        refused(model(2, 2, &[node("Relu", &["x", "x"], "y", &[])])),
        "Relu y: a node of 2 inputs is not supported"
    );
}

#[test]
fn versions_and_ends() {
    let net = [w(), product()].concat();
    let of = |versions: &[Message]| {
        let graph = [net.clone(), value(11, "x", 2), value(12, "y", 1)].concat();
        Model::of_onnx(&[integer(1, 8), bytes(7, graph), versions.concat()].concat()).map_err(|error| error.to_string())
    };
    assert!(of(&[opset(7)]).is_ok());
    assert_eq!(of(&[opset(6)]).unwrap_err(), "ONNX: opset 6, older than 7, is not supported");
    for versions in [&[][..], &[opset(6), opset(17)]] {
        assert_eq!(of(versions).unwrap_err(), "ONNX: no version of the operators, or several");
    }
    // An operator of the model's own takes the place of ONNX'.
    let own = |domain: &str| bytes(25, [bytes(1, "MatMul"), bytes(10, domain)].concat());
    assert!(of(&[opset(17), own("mine")]).is_ok());
    assert_eq!(of(&[opset(17), own("")]).unwrap_err(), "ONNX: an operator MatMul of the model's own is not supported");
    let other = refused(model(2, 3, std::slice::from_ref(&net)));
    assert_eq!(other, "y: an output of 3 numbers, while the last node gives 1");
    assert!(
        refused(model(2, 1, &[net, node("Tanh", &["y"], "z", &[])]))
            .contains("the output y, while the last node gives z")
    );
}

#[test]
fn numbers_in_a_file_beside_the_model() {
    let path = models().join("external.onnx");
    let model = Model::of_onnx_file(&path).unwrap();
    assert_eq!(model, Model::of_onnx(&read("mlp.onnx")).unwrap());
    assert!(Model::of_onnx(&read("external.onnx")).unwrap_err().to_string().contains("external.onnx.data"));
    let data = read("external.onnx.data");
    for len in (0..data.len()).step_by(97) {
        let short = Model::of_onnx_with(&read("external.onnx"), &mut |_| Ok(data[..len].to_vec())).unwrap_err();
        assert!(short.to_string().contains("ends before its numbers do"), "{short}");
    }
    let missing = Model::of_onnx_file(&models().join("missing.onnx")).unwrap_err().to_string();
    assert!(missing.starts_with("cannot read ") && missing.contains("missing.onnx"), "{missing}");
}

/// A model whose weights are said to be at these places of a file.
fn elsewhere(places: &[(&str, &str)]) -> Message {
    let entry = |(key, value): &(&str, &str)| bytes(13, [bytes(1, key), bytes(2, value)].concat());
    let places = places.iter().map(entry).collect::<Vec<_>>().concat();
    model(2, 1, &[tensor_of("w", &[2, 1], [places, integer(14, 1)].concat()), product()])
}

#[test]
fn places_in_a_file() {
    let data: Vec<u8> = [0.5_f32, 1.0, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let of = |places: &[(&str, &str)]| {
        let read = Model::of_onnx_with(&elsewhere(places), &mut |_| Ok(data.clone()));
        read.map_err(|error| error.to_string())
    };
    let model = of(&[("location", "a"), ("offset", "4"), ("length", "8"), ("checksum", "?")]).unwrap();
    assert_eq!(model.tensors()[0].values, [1.0, 2.0]);
    assert_eq!(of(&[("location", "a"), ("offset", "4")]).unwrap(), model);
    let wrong = |places: &[(&str, &str)], message: &str| assert_eq!(of(places).unwrap_err(), message);
    wrong(&[("location", "a")], "tensor w: 3 numbers for the shape [2, 1]");
    wrong(&[("offset", "4")], "tensor w: it is in another file, but not said in which");
    wrong(&[("location", "a"), ("location", "b")], "tensor w: location of its place in a file is given twice");
    wrong(&[("location", "a"), ("offset", "-4")], "tensor w: a place in a file that is no number");
    wrong(&[("location", "a"), ("offset", "13")], "tensor w: a ends before its numbers do");
    wrong(&[("location", "a"), ("length", "18446744073709551615")], "tensor w: a ends before its numbers do");
    wrong(
        &[("location", "a"), ("checksum", "?"), ("checksum", "?")],
        "tensor w: checksum of its place in a file is given twice",
    );
    wrong(&[("location", "a"), ("mystery", "1")], "tensor w: mystery of a place in a file is not known");
}

#[test]
fn files_are_bounded() {
    let weights = |at: usize| {
        let place = bytes(13, [bytes(1, "location"), bytes(2, format!("file{at}"))].concat());
        tensor_of(&format!("b{at}"), &[1], [place, integer(14, 1)].concat())
    };
    let add = |at: usize| node("Add", &[&format!("h{at}"), &format!("b{at}")], &format!("h{}", at + 1), &[]);
    let mut parts = vec![w(), node("MatMul", &["x", "w"], "h0", &[])];
    parts.extend((0..500).flat_map(|at| [weights(at), add(at)]));
    let mut opened = 0;
    let error = Model::of_onnx_with(&model(2, 1, &parts), &mut |_| {
        opened += 1;
        Ok(1.0_f32.to_le_bytes().into())
    });
    assert_eq!(error.unwrap_err().to_string(), "tensor b400: it is in one of more than 400 files");
    assert_eq!(opened, 400);
}

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_outside_the_folder_are_not_read() {
    let folder = Folder(std::env::temp_dir().join(format!("baregrad-convert-{}", std::process::id())));
    let inside = folder.0.join("inside");
    fs::create_dir_all(inside.join("below")).unwrap();
    let weights: Vec<u8> = [1.0_f32, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    for file in ["secret", "inside/data", "inside/below/data"] {
        fs::write(folder.0.join(file), &weights).unwrap();
    }
    let path = inside.join("model.onnx");
    let of = |location: &str| {
        fs::write(&path, elsewhere(&[("location", location)])).unwrap();
        Model::of_onnx_file(&path).map_err(|error| error.to_string())
    };
    for location in ["data", "./data", "below/data"] {
        assert_eq!(of(location).unwrap().types(), "Dense<2, 1>", "{location}");
    }
    let absolute = folder.0.join("secret").display().to_string();
    for location in [
        "../secret",
        "below/../../secret",
        "below/../data",
        &absolute,
        "",
        ".",
        "./",
        "below",
        "below/",
        "below//data",
        "././data",
        "below/./data",
        "..\\secret",
    ] {
        let error = of(location).unwrap_err();
        assert!(error.ends_with("a file that is not beside the model is not supported"), "{location}: {error}");
    }
    assert!(of("missing").unwrap_err().starts_with("cannot read missing: "));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret", inside.join("link")).unwrap();
        std::os::unix::fs::symlink("data", inside.join("fine")).unwrap();
        assert!(of("link").unwrap_err().ends_with("a file that is not beside the model is not supported"));
        assert_eq!(of("fine").unwrap().types(), "Dense<2, 1>");
    }
}
