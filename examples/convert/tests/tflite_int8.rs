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
#[path = "generated/row_int8.rs"]
mod row_int8;
#[path = "generated/steps_int8.rs"]
mod steps_int8;

use baregrad::int8::Layer;
use baregrad_convert::tflite::{File, Int8};
use common::{Reference, field, folder, own, read};
use run::run;
use std::{env, fs};

const GENERATED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/generated");

/// Compares what a net has given with the reference, and names the first operator that differs.
fn compare(of: &Reference, outputs: &[([u32; 2], Vec<u32>)]) {
    let both = ["crc", "all_crc"].map(|key| of.checksums(key));
    assert_eq!(outputs.len(), both[0].len(), "{}", of.name);
    let operators = of.operators();
    for (number, (found, each)) in outputs.iter().enumerate() {
        if let Some(expected) = of.details(number) {
            let differs = each.iter().zip(&expected).position(|(found, expected)| found != expected);
            let name = differs.map(|at| format!("operator {at} ({}) differs for input {number}", operators[at]));
            assert_eq!(name, None, "{}", of.name);
        }
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
    compare_own! { branches_int8 image_int8 row_int8 steps_int8 }
}

/// With `BLESS`, the sources are written anew.
#[test]
fn sources_are_these() {
    for name in ["branches_int8", "image_int8", "row_int8", "steps_int8"] {
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
        let (mut files, mut list) = (Vec::new(), String::new());
        for of in &nets {
            let (name, numbers) = (&of.name, format!("{}.bin", of.name));
            let net = Int8::of_tflite(&bytes(of), name, &numbers, bytes_per_weight).unwrap();
            let step = if net.rust.contains("STEP") { format!("Some({name}::STEP)") } else { "None".into() };
            list += &format!("{name}: {step}; ");
            files.extend([(format!("{name}.rs"), net.rust.into_bytes()), (numbers, net.numbers)]);
        }
        files.push(("nets.rs".into(), format!("nets! {{ {list} }}\n").into_bytes()));
        let program = project::compile("int8", &files);
        for of in &nets {
            let row = |line: &str| {
                let mut all = line.split(' ').map(|crc| u32::from_str_radix(crc, 16).unwrap());
                ([all.next().unwrap(), all.next().unwrap()], all.collect())
            };
            compare(of, &project::run(&program, &of.name, &of.inputs()).lines().map(row).collect::<Vec<_>>());
        }
    }
}
