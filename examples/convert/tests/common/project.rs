//! Programs that are made of what the converter writes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Where programs are built.
fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Compiles a program of these files and those of `tests/<kind>`. Its path.
pub fn compile(kind: &str, files: &[(String, Vec<u8>)]) -> PathBuf {
    let project = folder().join(kind);
    let source = project.join("src");
    fs::create_dir_all(&source).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["main.rs", "run.rs"] {
        fs::copy(root.join("tests").join(kind).join(file), source.join(file)).unwrap();
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
