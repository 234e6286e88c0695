//! Nets of integers of TensorFlow Lite give the bytes of its reference kernels, operator after operator.
#![cfg(all(feature = "tflite", feature = "keras"))]

#[path = "common/tflite.rs"]
mod common;

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
use std::path::{Path, PathBuf};
use std::process::Command;
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
    let nets: Vec<(Reference, Vec<u8>)> = field()
        .into_iter()
        .map(|of| (fs::read(folder.join(format!("{}.tflite", of.name))).unwrap(), of))
        .filter(|(bytes, _)| !File::read(bytes).unwrap().is_of_floats())
        .map(|(bytes, of)| (of, bytes))
        .collect();
    assert_eq!(nets.len(), 11);
    for bytes_per_weight in [1, 2] {
        let program = compile(&nets, bytes_per_weight);
        for (of, _) in &nets {
            let file = program.with_file_name("inputs");
            fs::write(&file, of.inputs()).unwrap();
            let output = Command::new(&program).arg(&of.name).arg(&file).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8(output.stdout).unwrap();
            let row = |line: &str| {
                let mut all = line.split(' ').map(|crc| u32::from_str_radix(crc, 16).unwrap());
                ([all.next().unwrap(), all.next().unwrap()], all.collect())
            };
            compare(of, &text.lines().map(row).collect::<Vec<_>>());
        }
    }
}

/// Compiles a program of all nets.
fn compile(nets: &[(Reference, Vec<u8>)], bytes_per_weight: usize) -> PathBuf {
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("int8_{bytes_per_weight}"));
    let source = project.join("src");
    fs::create_dir_all(&source).unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/int8");
    for file in ["main.rs", "run.rs"] {
        fs::copy(tests.join(file), source.join(file)).unwrap();
    }
    let mut list = String::new();
    for (of, bytes) in nets {
        let (name, numbers) = (&of.name, format!("{}.bin", of.name));
        let net = Int8::of_tflite(bytes, name, &numbers, bytes_per_weight).unwrap();
        let step = if net.rust.contains("STEP") { format!("Some({name}::STEP)") } else { "None".into() };
        list += &format!("{name}: {step}; ");
        fs::write(source.join(format!("{name}.rs")), net.rust).unwrap();
        fs::write(source.join(numbers), net.numbers).unwrap();
    }
    fs::write(source.join("nets.rs"), format!("nets! {{ {list} }}\n")).unwrap();
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let manifest = format!(
        "[package]\nname = \"nets\"\nedition = \"2024\"\n[workspace]\n[dependencies]\nbaregrad = {{ path = {library:?} }}\n\
         [profile.release]\nopt-level = 2\n"
    );
    fs::write(project.join("Cargo.toml"), manifest).unwrap();
    // Both projects share what they build of the library.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("int8_target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--offline", "--quiet"]).current_dir(&project).env("CARGO_TARGET_DIR", &target);
    assert!(cargo.status().unwrap().success(), "the sources do not compile");
    target.join("release/nets")
}
