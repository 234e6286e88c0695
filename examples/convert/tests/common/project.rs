//! Programs that are made of what the converter writes.
#![allow(dead_code)]

use super::common::Outputs;
use baregrad_convert::tflite::Int8;
use baregrad_convert::{Error, Model};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Where programs are built.
fn folder() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/target/tmp");
    PathBuf::from(option_env!("CARGO_TARGET_TMPDIR").unwrap_or(default))
}

/// Compiles a program of these files and those of `tests/<kind>`. Its path.
pub fn compile(kind: &str, files: &[(String, Vec<u8>)]) -> PathBuf {
    let project = folder().join(kind);
    let source = project.join("src");
    fs::create_dir_all(&source).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (file, name) in [("program.rs", "main.rs"), ("run.rs", "run.rs")] {
        fs::copy(root.join("tests").join(kind).join(file), source.join(name)).unwrap();
    }
    for (name, bytes) in files {
        fs::write(source.join(name), bytes).unwrap();
    }
    let library = root.join("../..").canonicalize().unwrap();
    let manifest = format!(
        "[package]\nname = \"{kind}\"\nedition = \"2024\"\n[workspace]\n[dependencies]\nbaregrad = {{ path = {library:?} }}\n"
    );
    fs::write(project.join("Cargo.toml"), manifest).unwrap();
    // All programs share what they build of the library.
    let target = folder().join("programs");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--offline", "--quiet"]).current_dir(&project).env("CARGO_TARGET_DIR", &target);
    assert!(cargo.status().unwrap().success(), "the sources do not compile");
    target.join("release").join(kind)
}

/// What a program prints for a net and its inputs.
pub fn run(program: &Path, net: &str, inputs: &[u8]) -> String {
    let file = folder().join(format!("{net}.inputs"));
    fs::write(&file, inputs).unwrap();
    let output = Command::new(program).arg(net).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Compiles a program of nets of integers, each a name and a `.tflite` file.
pub fn compile_int8(nets: impl Iterator<Item = (String, Vec<u8>)>, bytes_per_weight: usize) -> Result<PathBuf, Error> {
    let (mut files, mut list) = (Vec::new(), String::new());
    for (name, bytes) in nets {
        let numbers = format!("{name}.bin");
        let net = Int8::of_tflite(&bytes, &name, &numbers, bytes_per_weight)?;
        let step = if net.rust.contains("STEP") { format!("Some({name}::STEP)") } else { "None".into() };
        list += &format!("{name}: {step}; ");
        files.extend([(format!("{name}.rs"), net.rust.into_bytes()), (numbers, net.numbers)]);
    }
    files.push(("nets.rs".into(), format!("nets! {{ {list} }}\n").into_bytes()));
    Ok(compile("int8", &files))
}

/// What such a program prints.
pub fn run_int8(program: &Path, net: &str, inputs: &[u8]) -> Outputs {
    let row = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let crc = |word: &str| u32::from_str_radix(word, 16).unwrap();
        let (both, each) = words.split_at(2);
        let each = each.as_chunks().0.iter().map(|[operator, of]| (operator.parse().unwrap(), crc(of)));
        ([crc(both[0]), crc(both[1])], each.collect())
    };
    run(program, net, inputs).lines().map(row).collect()
}

/// Compiles a program of nets of floats.
pub fn compile_floats(nets: impl Iterator<Item = (String, Vec<u8>)>) -> Result<PathBuf, Error> {
    let (mut files, mut list) = (Vec::new(), String::new());
    for (name, bytes) in nets {
        let (model, weights) = (Model::of_tflite(&bytes)?, format!("{name}.bgrd"));
        list += &format!("{name} ");
        files.push((format!("{name}.rs"), model.to_rust(&name, &weights, None).into_bytes()));
        files.push((weights, model.to_bytes()));
    }
    files.push(("nets.rs".into(), format!("nets! {{ {list} }}\n").into_bytes()));
    Ok(compile("float", &files))
}

/// What such a program prints.
pub fn run_floats(program: &Path, net: &str, inputs: &[f32]) -> Vec<Vec<f32>> {
    let bytes: Vec<u8> = inputs.iter().flat_map(|x| x.to_le_bytes()).collect();
    let row = |line: &str| line.split(' ').map(|y| y.parse().unwrap()).collect();
    run(program, net, &bytes).lines().map(row).collect()
}
