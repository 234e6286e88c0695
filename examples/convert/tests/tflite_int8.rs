//! Nets of integers of TensorFlow Lite give the bytes of its reference kernels, operator after operator.
#![cfg(all(feature = "tflite", feature = "keras"))]

#[path = "common/tflite.rs"]
mod common;

#[path = "common/project.rs"]
mod project;

#[path = "int8/run.rs"]
mod run;

#[path = "generated/branches_int8.rs"]
mod branches_int8;
#[path = "generated/image_int8.rs"]
mod image_int8;
#[path = "generated/padded_int8.rs"]
mod padded_int8;
#[path = "generated/row_ends.rs"]
mod row_ends;
#[path = "generated/row_int8.rs"]
mod row_int8;
#[path = "generated/sequence_int8.rs"]
mod sequence_int8;
#[path = "generated/steps_int8.rs"]
mod steps_int8;
#[path = "generated/windows_int8.rs"]
mod windows_int8;

use baregrad::int8::{Layer, Memory};
use baregrad_convert::tflite::{File, Int8};
use common::{Outputs, Reference, field, folder, own, read};
use run::run;
use std::{env, fs};

const GENERATED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/generated");

/// Compares what a net has given with the reference, and names the first operator that differs.
fn compare(of: &Reference, outputs: &Outputs) {
    assert_eq!(of.difference(outputs), None, "{}", of.name);
    let both = ["crc", "all_crc"].map(|key| of.checksums(key));
    assert_eq!(outputs.len(), both[0].len(), "{}", of.name);
    for (number, (found, _)) in outputs.iter().enumerate() {
        assert_eq!(*found, both.each_ref().map(|all| all[number]), "{}: input {number}", of.name);
    }
    println!("{}: {} inputs, as by {}", of.name, outputs.len(), of.by());
}

macro_rules! compare_own {
    ($($net:ident)*) => {$({
        let of = Reference::of(own(), stringify!($net));
        compare(&of, &run::<$net::Net, { $net::Net::ARENA }>(&$net::NET, &$net::OPERATORS, &of.inputs(), None));
    })*};
}

#[test]
fn own_nets() {
    compare_own! { branches_int8 image_int8 padded_int8 row_int8 sequence_int8 steps_int8 windows_int8 }
}

/// A file that takes and gives floats has integers between them.
#[test]
fn floats_at_both_ends() {
    let of = Reference::of(own(), "row_ends");
    let mut memory = Memory::<row_ends::Net, { row_ends::Net::ARENA }>::NEW;
    for (x, y) in of.all_floats().as_chunks::<12>().0.iter().zip(of.rows("outputs")) {
        row_ends::NET.input(&mut memory).set(x);
        assert_eq!(row_ends::NET.infer(&mut memory).numbers(), *y);
    }
    assert_eq!(row_ends::OPERATORS, [(1, 1), (2, 1)]);
}

/// With `BLESS`, the sources are written anew.
#[test]
fn sources_are_these() {
    for name in [
        "branches_int8",
        "image_int8",
        "padded_int8",
        "row_ends",
        "row_int8",
        "sequence_int8",
        "steps_int8",
        "windows_int8",
    ] {
        let path = |extension: &str| format!("{GENERATED}/{name}.{extension}");
        let file = format!("{name}.tflite");
        let net = Int8::of_tflite(&read(name), &file, &format!("{name}.bin"), 1).unwrap();
        if env::var_os("BLESS").is_some() {
            fs::write(path("rs"), &net.rust).unwrap();
            fs::write(path("bin"), &net.numbers).unwrap();
        }
        assert_eq!(net.rust, fs::read_to_string(path("rs")).unwrap());
        assert!(net.numbers == fs::read(path("bin")).unwrap(), "{name}");
    }
}

/// All files of the field, compiled as one program, with one byte per weight and with two.
#[test]
fn reference_models() {
    let Some(folder) = folder() else { return };
    let bytes = |of: &Reference| fs::read(folder.join(format!("{}.tflite", of.name))).unwrap();
    let is_of_integers = |of: &Reference| !File::read(&bytes(of)).unwrap().is_of_floats();
    let nets: Vec<Reference> = field().into_iter().filter(is_of_integers).collect();
    assert_eq!(nets.len(), 11);
    for bytes_per_weight in [1, 2] {
        let all = nets.iter().map(|of| (of.name.clone(), bytes(of)));
        let program = project::compile_int8(all, bytes_per_weight).unwrap();
        for of in &nets {
            compare(of, &project::run_int8(&program, &of.name, &of.inputs()));
        }
    }
}
