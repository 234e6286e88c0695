//! Runs a net of TensorFlow Lite here, on the inputs that TensorFlow Lite Micro has run it on, and prints the first operator whose
//! output differs:
//!
//! ```text
//! python tests/reference/make_tflite.py MODEL.tflite OUTPUT.json
//! cargo run --example compare -- MODEL.tflite OUTPUT.json
//! ```

#[path = "../tests/common/tflite.rs"]
mod common;

#[path = "../tests/common/project.rs"]
mod project;

use anyhow::{Context, Result, bail};
use baregrad_convert::tflite::File;
use std::path::PathBuf;

fn main() -> Result<()> {
    let [_, model, reference] = &std::env::args().collect::<Vec<_>>()[..] else {
        bail!("compare MODEL.tflite OUTPUT.json");
    };
    let model = PathBuf::from(model);
    let bytes = std::fs::read(&model)?;
    let name = model.file_stem().context("a file without a name")?.to_string_lossy().into_owned();
    let all = common::references(reference.into());
    let of = all.iter().find(|of| of.name == name).with_context(|| format!("{reference} has no net {name}"))?;
    let net = std::iter::once((name.clone(), bytes.clone()));
    if File::read(&bytes)?.is_of_floats() {
        let program = project::compile_floats(net)?;
        let distance = of.distance(&project::run_floats(&program, &name, &of.all_floats()));
        println!("{name}: the outputs are at most {distance:e} from those of {}", of.by());
        return Ok(());
    }
    let program = project::compile_int8(net, 1)?;
    let outputs = project::run_int8(&program, &name, &of.inputs());
    match of.difference(&outputs) {
        Some(difference) => bail!("{name}: {difference} from {}", of.by()),
        None => println!("{name}: all operators give the bytes of {}, for {} inputs", of.by(), outputs.len()),
    }
    Ok(())
}
