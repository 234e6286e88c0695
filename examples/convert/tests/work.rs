//! What reading costs: twice the nodes or tensors take twice the memory, all allocations counted, and not four times.
#![cfg(all(feature = "keras", feature = "onnx", feature = "tflite"))]

#[path = "common/flat.rs"]
mod flat;

#[path = "common/proto.rs"]
mod proto;

use baregrad_convert::tflite::File;
use baregrad_convert::{Error, Model, NameMap};
use cap::Cap;
use flat::{Field, Flat};
use proto::{Message, bytes, integer, model, node, tensor};
use safetensors::tensor::{Dtype, TensorView, serialize};
use std::alloc::System;
use std::io::{Cursor, Write};
use std::sync::Mutex;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// The tests run one after another: the allocator counts for all threads.
static ALONE: Mutex<()> = Mutex::new(());

/// Bytes that reading allocates in all.
fn allocated(read: impl FnOnce()) -> usize {
    let before = ALLOCATOR.total_allocated();
    read();
    ALLOCATOR.total_allocated() - before
}

/// Reads a file of n parts, and one of 2n.
fn grows_in_proportion(what: &str, file: impl Fn(usize) -> Vec<u8>, read: impl Fn(&[u8])) {
    let _alone = ALONE.lock().unwrap_or_else(|error| error.into_inner());
    let cost = |n: usize| {
        let bytes = file(n);
        let allocated = allocated(|| read(&bytes));
        assert!(allocated < (64 << 20) + 1024 * bytes.len(), "{what}: {allocated} for {} bytes", bytes.len());
        allocated
    };
    let (once, twice) = (cost(4000), cost(8000));
    assert!(twice as f64 <= 2.5 * once as f64, "{what}: {once} bytes, and twice as many parts {twice}");
}

/// A chain of nodes from x to y.
fn chain(operator: &str, n: usize) -> Message {
    let name = |at: usize| {
        if at == 0 {
            "x".into()
        } else if at == n {
            "y".into()
        } else {
            format!("h{at}")
        }
    };
    let nodes: Vec<_> = (0..n).map(|at| node(operator, &[&name(at)], &name(at + 1), &[])).collect();
    model(4, 4, &nodes)
}

fn is_bounded(error: Error) {
    assert!(error.to_string().contains("a net of more than 100 layers"), "{error}");
}

#[test]
fn nodes_of_onnx() {
    for operator in ["Identity", "Flatten"] {
        grows_in_proportion(operator, |n| chain(operator, n), |bytes| assert!(Model::of_onnx(bytes).is_ok()));
    }
    for operator in ["Tanh", "Dropout"] {
        grows_in_proportion(operator, |n| chain(operator, n), |bytes| is_bounded(Model::of_onnx(bytes).unwrap_err()));
    }
}

#[test]
fn tensors_of_onnx() {
    let file = |n: usize| {
        let mut parts: Vec<_> = (0..n).map(|at| tensor(&format!("t{at}"), &[4], &[1.0; 4], &[])).collect();
        parts.push(node("Relu", &["x"], "y", &[]));
        model(4, 4, &parts)
    };
    grows_in_proportion("tensors", file, |bytes| assert!(Model::of_onnx(bytes).is_ok()));
}

#[test]
fn axes_of_a_constant_that_many_nodes_use() {
    let file = |n: usize| {
        // A shape of n axes, of which only the first is longer than 1.
        let (mut dims, numbers) = (vec![1; n], [-1_i64, 4].map(i64::to_le_bytes));
        dims[0] = 2;
        let fields = [bytes(1, dims), integer(2, 7), bytes(8, "s"), bytes(9, numbers.as_flattened())];
        let mut parts = vec![bytes(5, fields.concat()), node("Identity", &["x"], "h0", &[])];
        parts.extend((0..n).map(|at| node("Reshape", &[&format!("h{at}"), "s"], &format!("h{}", at + 1), &[])));
        model(4, 4, &parts)
    };
    grows_in_proportion("axes", file, |bytes| {
        let error = Model::of_onnx(bytes).unwrap_err().to_string();
        assert!(error.ends_with("axes"), "{error}");
    });
}

#[test]
fn a_constant_that_many_nodes_use() {
    // Half of the file is a row, and each node takes it once more.
    let file = |n: usize| {
        let mut parts = vec![tensor("w", &[4, n], &vec![1.0; 4 * n], &[]), tensor("b", &[n], &vec![1.0; n], &[])];
        parts.push(node("MatMul", &["x", "w"], "h0", &[]));
        parts.extend((0..n).map(|at| node("Add", &[&format!("h{at}"), "b"], &format!("h{}", at + 1), &[])));
        model(4, n as i64, &parts)
    };
    grows_in_proportion("one row", file, |bytes| {
        let error = Model::of_onnx(bytes).unwrap_err();
        assert!(matches!(&error, Error::TooLarge { at, .. } if at.starts_with("Add h")), "{error}");
    });
}

#[test]
fn layers_of_keras() {
    let file = |n: usize| {
        let layer = |at: usize| {
            format!(r#"{{"class_name": "Activation", "config": {{"name": "a{at}", "activation": "tanh"}}}}"#)
        };
        let layers: Vec<_> = (0..n).map(layer).collect();
        let all = format!(
            r#"{{"class_name": "Sequential", "config": {{"layers": [{}]}}, "build_config": {{"input_shape": [null, 4]}}}}"#,
            layers.join(", ")
        );
        let mut file = ZipWriter::new(Cursor::new(Vec::new()));
        file.start_file("config.json", SimpleFileOptions::default()).unwrap();
        file.write_all(all.as_bytes()).unwrap();
        file.start_file("model.weights.h5", SimpleFileOptions::default()).unwrap();
        file.write_all(&weights()).unwrap();
        // The bound follows from the size of the file, which is deflated.
        file.start_file("more", SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
            .unwrap();
        file.write_all(&vec![0; all.len()]).unwrap();
        file.finish().unwrap().into_inner()
    };
    grows_in_proportion("layers", file, |bytes| is_bounded(Model::of_keras(bytes).unwrap_err()));
}

/// Those of a model of the tests.
fn weights() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/digits.keras");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name("model.weights.h5").unwrap(), &mut bytes).unwrap();
    bytes
}

#[test]
fn tensors_of_a_state_dict() {
    let file = |n: usize| {
        let view = |at: usize| (format!("{at}.weight"), TensorView::new(Dtype::F32, vec![1], &[0; 4]).unwrap());
        serialize((0..n).map(view), None).unwrap()
    };
    grows_in_proportion("tensors", file, |bytes| {
        let read = Model::of_safetensors(bytes, Some("Dense<1, 1>"), &NameMap::pytorch().zero_bias());
        assert!(read.unwrap_err().to_string().contains("weight"));
    });
}

/// A graph of n operators RELU, from tensor 0 on.
fn chain_of_tflite(n: usize) -> Vec<u8> {
    let mut file = Flat::default();
    let integers = |file: &mut Flat, numbers: &[i32]| {
        file.vector(numbers.len(), &numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>())
    };
    let shape = integers(&mut file, &[1, 4]);
    let tensor = file.table(&[Field::At(0, shape)]);
    let operators: Vec<usize> = (0..n as i32)
        .map(|at| {
            let (input, output) = (integers(&mut file, &[at]), integers(&mut file, &[at + 1]));
            file.table(&[Field::At(1, input), Field::At(2, output)])
        })
        .collect();
    let (tensors, operators) = (file.tables(&vec![tensor; n + 1]), file.tables(&operators));
    let (input, output) = (integers(&mut file, &[0]), integers(&mut file, &[n as i32]));
    file.graph(&[Field::At(0, tensors), Field::At(1, input), Field::At(2, output), Field::At(3, operators)])
}

#[test]
fn operators_of_tflite() {
    let layers = |bytes: &[u8]| Model::of_tflite(bytes).map(|model| model.layer_types());
    assert_eq!(layers(&chain_of_tflite(2)).unwrap(), ["Rescale<4>", "Activate<Relu>", "Activate<Relu>"]);
    grows_in_proportion("operators", chain_of_tflite, |bytes| is_bounded(layers(bytes).unwrap_err()));
}

#[test]
fn parts_of_tflite_that_many_share() {
    let is_refused = |bytes: &[u8], what: &str| {
        let error = File::read(bytes).unwrap_err();
        assert!(matches!(&error, Error::TooLarge { at, .. } if at == what), "{error}");
    };
    // A name for all tensors, and inputs for all operators.
    let names = |n: usize| {
        let mut file = Flat::default();
        let name = file.vector(n, &vec![b'a'; n]);
        let tensor = file.table(&[Field::At(3, name)]);
        let tensors = file.tables(&vec![tensor; n]);
        file.graph(&[Field::At(0, tensors)])
    };
    grows_in_proportion("names", names, |bytes| is_refused(bytes, "name"));
    let inputs = |n: usize| {
        let mut file = Flat::default();
        let inputs = file.vector(n, &vec![0; 4 * n]);
        let (operator, tensor) = (file.table(&[Field::At(1, inputs)]), file.table(&[]));
        let (tensors, operators) = (file.tables(&[tensor]), file.tables(&vec![operator; n]));
        file.graph(&[Field::At(0, tensors), Field::At(3, operators)])
    };
    grows_in_proportion("inputs", inputs, |bytes| is_refused(bytes, "inputs"));
}
