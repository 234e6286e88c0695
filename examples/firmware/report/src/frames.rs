//! Debug builds: without optimisation every variable has a place of its own on the stack, and a device whose stack overflows
//! stops without a message. So the frames of the library's functions must be small at `opt-level = 0`, too.

use crate::{Result, build, here};
use object::{Object, ObjectSection, ObjectSymbol};
use std::{collections::HashMap, env, fs, process::Command};

/// Bytes.
const LIMIT: u64 = 4096;
const TARGET: &str = "thumbv7em-none-eabihf";

/// Functions of the library whose frames are larger, in images of all layers, which are linked only.
pub fn failures() -> Result<Vec<String>> {
    println!("building tests/downstream without optimisation");
    let directory = build::directory().join("frames");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(here().join("../../tests/downstream")).args(["build", "-q", "--locked", "--target", TARGET]);
    cargo.args(["--bin=all", "--bin=int8"]).env("CARGO_TARGET_DIR", &directory);
    // With debug information, as a user's: it makes frames larger.
    build::without_profiles(&mut cargo);
    // Only nightly compilers, and those that this variable makes believe that they are, list the sizes of frames. An image
    // that can panic must link here.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo.env("RUSTFLAGS", "-Zemit-stack-sizes -Clink-arg=--defsym=baregrad_can_panic=0");
    if !cargo.status()?.success() {
        return Err("tests/downstream does not build without optimisation".into());
    }
    let (mut failures, mut largest) = (Vec::new(), 0);
    for program in ["all", "int8"] {
        let bytes = fs::read(directory.join(TARGET).join("debug").join(program))?;
        for (name, size) in frames(&bytes)? {
            // `untrained` returns a whole trainer; it is meant for a `static`, which takes no stack.
            if !name.contains("baregrad::") || name.starts_with("all::") || name.ends_with("::untrained") {
                continue;
            }
            largest = largest.max(size);
            if size > LIMIT {
                failures.push(format!("a frame of {size} bytes without optimisation, more than {LIMIT}: {name}"));
            }
        }
    }
    println!("the largest frame without optimisation has {largest} bytes");
    if largest == 0 {
        failures.push("no function of the library has a frame: the check proves nothing".into());
    }
    Ok(failures)
}

/// The functions of an image, and the sizes of their frames: addresses of four bytes, each before a number in LEB128.
fn frames(image: &[u8]) -> Result<Vec<(String, u64)>> {
    let file = object::File::parse(image)?;
    // The lowest bit of the address of a Thumb function is 1.
    let names: HashMap<_, _> =
        file.symbols().filter_map(|symbol| Some((symbol.address() & !1, symbol.name().ok()?))).collect();
    let section = file.section_by_name(".stack_sizes").ok_or("no sizes of frames")?;
    let (mut rest, mut frames) = (section.data()?, Vec::new());
    while let Some((address, after)) = rest.split_first_chunk() {
        let length = after.iter().take_while(|byte| **byte >= 0x80).count() + 1;
        let (digits, after) = after.split_at_checked(length).ok_or("a cut number")?;
        let size = digits.iter().rev().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7f));
        if let Some(name) = names.get(&u64::from(u32::from_le_bytes(*address) & !1)) {
            frames.push((format!("{:#}", rustc_demangle::demangle(name)), size));
        }
        rest = after;
    }
    Ok(frames)
}
