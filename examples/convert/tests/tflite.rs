//! Files of TensorFlow Lite, and what its interpreters compute for them.
#![cfg(all(feature = "tflite", feature = "keras", feature = "onnx"))]

#[path = "common/tflite.rs"]
mod common;

#[path = "common/project.rs"]
mod project;

#[path = "float/run.rs"]
mod run;

#[allow(dead_code)] // it names each shape
#[path = "generated/branches_float.rs"]
mod branches_float;
#[path = "generated/hybrid.rs"]
mod hybrid;
#[path = "generated/image_float.rs"]
mod image_float;
#[path = "generated/padded_float.rs"]
mod padded_float;
#[path = "generated/row_float.rs"]
mod row_float;
#[path = "generated/row_float16.rs"]
mod row_float16;
#[path = "generated/steps_float.rs"]
mod steps_float;

use baregrad_convert::tflite::{File, Int8};
use baregrad_convert::{Model, NameMap};
use common::{Reference, field, folder, own, read};
use std::{env, fs};

const NAMES: [&str; 7] =
    ["branches_float", "hybrid", "image_float", "padded_float", "row_float", "row_float16", "steps_float"];

const GENERATED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/generated");

/// Compares outputs with those of the reference.
fn compare(of: &Reference, outputs: &[Vec<f32>]) {
    let worst = of.distance(outputs);
    println!("{}: {} inputs, at most {worst:.1e} from {}", of.name, outputs.len(), of.by());
    assert!(worst <= 1e-5, "{}: {worst:e}", of.name);
}

macro_rules! compare_own {
    ($($net:ident)*) => {$({
        let of = Reference::of(own(), stringify!($net));
        compare(&of, &run::run(&$net::NET, &of.all_floats()));
    })*};
}

#[test]
fn own_nets() {
    compare_own! { branches_float hybrid image_float padded_float row_float row_float16 steps_float }
}

/// With `BLESS`, the sources are written anew.
#[test]
fn sources_are_these() {
    for name in NAMES {
        let (path, file) = (|extension: &str| format!("{GENERATED}/{name}.{extension}"), format!("{name}.tflite"));
        let model = Model::of_tflite(&read(name)).unwrap();
        let (source, weights) = (model.to_rust(&file, &format!("{name}.bgrd"), None), model.to_bytes());
        if env::var_os("BLESS").is_some() {
            fs::write(path("rs"), &source).unwrap();
            fs::write(path("bgrd"), &weights).unwrap();
        }
        assert_eq!(source, fs::read_to_string(path("rs")).unwrap());
        assert!(weights == fs::read(path("bgrd")).unwrap(), "{name}");
    }
}

#[test]
fn what_is_read_can_be_written() {
    for name in NAMES {
        let model = Model::of_tflite(&read(name)).unwrap();
        assert_eq!(Model::of_bytes(&model.to_bytes(), &model.types()).unwrap(), model, "{name}");
        let names = NameMap::pytorch();
        assert_eq!(
            Model::of_safetensors(&model.to_safetensors(&names).unwrap(), None, &names).unwrap(),
            model,
            "{name}"
        );
        assert_eq!(Model::of_onnx(&model.to_onnx()).unwrap(), model.in_onnx(), "{name}");
    }
}

#[test]
fn reference_models_of_floats() {
    let Some(folder) = folder() else { return };
    let names = ["trained_lstm", "kws_ref_model_float32"];
    let bytes = |name: &str| fs::read(folder.join(format!("{name}.tflite"))).unwrap();
    let program = project::compile_floats(names.iter().map(|name| (name.to_string(), bytes(name)))).unwrap();
    for name in names {
        let of = Reference::of(field(), name);
        compare(&of, &project::run_floats(&program, name, &of.all_floats()));
    }
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
    assert_eq!(error(&read("foreign")).lines().collect::<Vec<_>>(), operators);
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
    for (name, step) in [
        ("row_float", 1),
        ("row_int8", 1),
        ("steps_float", 2),
        ("steps_int8", 2),
        ("image_int8", 5),
        ("hybrid", 5),
        ("padded_float", 7),
        ("sequence_int8", 5),
        ("windows_int8", 5),
    ] {
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
