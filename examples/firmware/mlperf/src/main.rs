//! Runs int8 nets of TensorFlow Lite on this host, in node and on every board, and compares their bytes with TensorFlow Lite
//! Micro's.
//!
//! ```text
//! cargo run -p mlperf -- FILES                     # a table; fails where a byte differs
//! cargo run -p mlperf -- --bytes-per-weight 2 FILES
//! cargo run -p mlperf -- --reference JSON FILES    # own files: tests/reference/make_tflite.py makes the values
//! cargo run -p mlperf -- --board mps2-an386 FILES  # one board of the report, or WebAssembly; more than once for several
//! ```
//!
//! Where a byte differs, the converter's example `compare` names the operator. Without FILES it takes the small DS-CNN in `data/`.
//! A net that does not fit a board runs as the same image on a larger one.

mod boards;
mod reference;

use baregrad_convert::tflite::Int8;
use reference::{OTHERS, Reference};
use report::boards::Board;
use report::image::Image;
use report::{Result, build, here, run};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// How many inputs boards take, and this host.
const INPUTS: [usize; 2] = [5, 100];

/// The name of the machine that node is.
const WASM: &str = "WebAssembly";

/// What the command line says.
struct Options {
    files: Vec<PathBuf>,
    reference: PathBuf,
    bytes_per_weight: usize,
    boards: Vec<String>,
}

fn options() -> Result<Options> {
    let data = here().join("data");
    let reference = here().join("../../tests/reference/tflite.json");
    let mut options = Options { files: Vec::new(), reference, bytes_per_weight: 1, boards: Vec::new() };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--reference" => options.reference = value()?.into(),
            "--bytes-per-weight" => options.bytes_per_weight = value()?.parse()?,
            "--board" => options.boards.push(value()?),
            option if option.starts_with("--") => return Err(format!("no option: {option}").into()),
            _ => options.files.push(argument.into()),
        }
    }
    if options.files.is_empty() {
        options.files.push(data.join("keywords.tflite"));
    }
    Ok(options)
}

/// A net, written for the program `int8_net`.
struct Net {
    name: String,
    folder: PathBuf,
    reference: Option<Reference>,
}

impl Net {
    fn write(file: &Path, options: &Options) -> Result<Self> {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let int8 = Int8::of_tflite(&fs::read(file)?, &name, "net.bin", options.bytes_per_weight)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let folder = build::directory().join("int8").join(format!("{name}_{}", options.bytes_per_weight));
        fs::create_dir_all(&folder)?;
        // The source becomes a part of a file, which has no documentation of its own.
        keep(&folder.join("net.rs"), int8.rust.replace("//!", "//").as_bytes())?;
        keep(&folder.join("net.bin"), &int8.numbers)?;
        let folder = folder.canonicalize()?;
        Ok(Net { reference: Reference::read(&options.reference, &name)?, name, folder })
    }

    /// Builds the program for a target.
    fn image(&self, target: &str, flags: &str, machine: &str, inputs: usize) -> Result<PathBuf> {
        let mut cargo = build::cargo(&["--profile", "release", "--target", target, "--bin", "int8_net"]);
        cargo.arg("--features=int8-net").env("INT8_NET", &self.folder).env("INT8_INPUTS", inputs.to_string());
        if !machine.is_empty() {
            cargo.env("BOARD", machine);
        }
        if !flags.is_empty() {
            cargo.env("RUSTFLAGS", flags);
        }
        if !cargo.output()?.status.success() {
            // Most often, it does not fit.
            return Err(format!("{} does not build for {target} on {machine}", self.name).into());
        }
        let suffix = if target.starts_with("wasm32") { ".wasm" } else { "" };
        Ok(build::directory().join(target).join("release").join(format!("int8_net{suffix}")))
    }

    /// Whether outputs are those of the reference, for as many inputs as there are.
    fn equal(&self, figures: &[(String, u32)]) -> Option<bool> {
        let reference = self.reference.as_ref()?;
        let ours: Vec<u32> = figures.iter().filter(|(name, _)| name == "crc").map(|(_, crc)| *crc).collect();
        Some(!ours.is_empty() && reference.outputs.iter().zip(&ours).all(|(a, b)| a == b))
    }
}

/// Writes a file if it has changed: cargo then builds again.
fn keep(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).ok().as_deref() != Some(bytes) {
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// What a run wrote.
fn figures(mut command: Command) -> Result<Vec<(String, u32)>> {
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(run::parse(&text).collect()) } else { Err(format!("a run failed: {text}").into()) }
}

/// The figure of a name that was written first.
fn first(figures: &[(String, u32)], name: &str) -> u32 {
    figures.iter().find(|(other, _)| other == name).map_or(0, |(_, value)| *value)
}

fn host() -> Result<String> {
    let version = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(version.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc names no host")?;
    Ok(host.into())
}

/// Runs all inputs on this host.
fn on_host(net: &Net, inputs: usize) -> Result<bool> {
    let figures = figures(Command::new(net.image(&host()?, "", "", inputs)?))?;
    let Some(reference) = &net.reference else {
        println!("{}: the reference has no such net", net.name);
        return Ok(true);
    };
    let compared = reference.outputs.len().min(inputs);
    let equal = net.equal(&figures) == Some(true);
    println!("{}: {compared} outputs on this host are {}", net.name, if equal { "equal" } else { "NOT EQUAL" });
    Ok(equal)
}

/// The line of the table for WebAssembly.
fn in_node(net: &Net) -> Result<bool> {
    let mut node = Command::new("node");
    node.current_dir(here()).arg("wasm.mjs").arg(net.image("wasm32-unknown-unknown", "", "", INPUTS[0])?);
    let equal = net.equal(&figures(node)?);
    println!("| {} | {WASM} | {} | | | | | | |", net.name, say(equal));
    Ok(equal != Some(false))
}

/// The line of the table for a board. A `larger` machine runs what does not fit it.
fn on_board(net: &Net, board: &Board, larger: Option<&'static str>) -> Result<bool> {
    let others = OTHERS.iter().find(|others| others.net == net.name);
    // The image on the smallest machine that it fits.
    let mut machines = [Some(board.machine), larger].into_iter().flatten();
    let (machine, image) = loop {
        let machine = machines.next().ok_or(format!("{} fits no machine of a {}", net.name, board.core))?;
        if let Ok(image) = net.image(board.target, board.flags, machine, INPUTS[0]) {
            break (machine, image);
        }
    };
    let (passed, text) = run::emulate(machine, &image)?;
    if !passed {
        return Err(format!("{} on {machine}: {text}", net.name).into());
    }
    let figures: Vec<(String, u32)> = run::parse(&text).collect();
    let equal = net.equal(&figures);
    let sizes = Image::read(&image)?.sizes;
    let count = figures.iter().filter(|(name, _)| name == "instructions").map(|(_, count)| *count).max().unwrap_or(0);
    let arena = others.filter(|others| others.arena > 0).map_or(String::new(), |others| format!(" ({})", others.arena));
    let theirs = others.and_then(|others| others.instructions.iter().find(|(name, _)| *name == board.name));
    let theirs = theirs.map_or(String::new(), |(_, count)| format!(" ({:.2} M)", f64::from(*count) / 1e6));
    let each =
        others.map_or(String::new(), |others| format!("{:.2}", f64::from(count) / f64::from(others.multiply_adds)));
    println!(
        "| {} | {}{} | {} | {:.3} M{theirs} | {each} | {} | {} | {}{arena} | {} |",
        net.name,
        board.core,
        if machine == board.machine { "" } else { ", on a larger board" },
        say(equal),
        f64::from(count) / 1e6,
        sizes.code,
        sizes.constants,
        first(&figures, "arena"),
        first(&figures, "stack"),
    );
    Ok(equal != Some(false))
}

fn say(equal: Option<bool>) -> &'static str {
    match equal {
        Some(true) => "equal",
        Some(false) => "**differ**",
        None => "not compared",
    }
}

fn main() -> Result<ExitCode> {
    let options = options()?;
    let mut good = true;
    let nets: Vec<Net> = options.files.iter().map(|file| Net::write(file, &options)).collect::<Result<_>>()?;
    for net in &nets {
        good &= on_host(net, INPUTS[1])?;
    }
    println!();
    println!("In brackets: TensorFlow Lite Micro's arena, and its instructions with CMSIS-NN.\n");
    println!("| net | processor | bytes | instructions | a multiply-add | code | constants | activations | stack |");
    println!("|---|---|---|--:|--:|--:|--:|--:|--:|");
    let chosen = |name: &str| options.boards.is_empty() || options.boards.iter().any(|chosen| chosen == name);
    for (board, larger) in boards::all()?.into_iter().filter(|(board, _)| chosen(board.name)) {
        for net in &nets {
            good &= on_board(net, board, larger)?;
        }
    }
    for net in nets.iter().filter(|_| chosen(WASM)) {
        good &= in_node(net)?;
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
