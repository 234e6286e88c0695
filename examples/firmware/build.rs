//! The board: its memory map and its clock, by target or by the variable `BOARD`. And what the watch sees of its wearers.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-env-changed=BOARD");
    println!("cargo::rerun-if-changed=boards");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("wearers"), wearers()).expect("there is room");
    println!("cargo::rerun-if-env-changed=INT8_NET");
    if let Ok(net) = env::var("INT8_NET") {
        for file in ["net.rs", "net.bin"] {
            println!("cargo::rerun-if-changed={net}/{file}");
            fs::copy(Path::new(&net).join(file), Path::new(&out).join(file)).expect("INT8_NET has a net");
        }
    }
    let target = env::var("TARGET").expect("cargo sets it");
    if target.starts_with("wasm32") {
        return println!("cargo::rustc-link-arg-bins=--export=main");
    }
    let board = match target.as_str() {
        "thumbv6m-none-eabi" => "microbit",
        "thumbv7m-none-eabi" => "mps2-an385",
        "thumbv7em-none-eabihf" => "mps2-an386",
        "thumbv8m.main-none-eabihf" => "mps2-an505",
        "riscv32imac-unknown-none-elf" | "riscv32imafc-unknown-none-elf" => "virt",
        _ => return, // a host
    };
    let board = env::var("BOARD").unwrap_or(board.into());
    // The rate of the timer that counts; RISC-V counts instructions.
    let clock = match board.as_str() {
        "microbit" => 16_000_000,
        "mps2-an385" | "mps2-an386" | "mps2-an500" => 25_000_000,
        "mps2-an505" => 20_000_000,
        "mps3-an547" => 32_000_000,
        _ => 1_000_000_000,
    };
    println!("cargo::rustc-env=CLOCK={clock}");
    fs::copy(format!("boards/{board}.x"), Path::new(&out).join("memory.x"))
        .expect("there is a memory map of the board");
    println!("cargo::rustc-link-search={out}");
    if board == "virt" {
        println!("cargo::rustc-link-arg-bins=-Tmemory.x");
    } else {
        println!("cargo::rustc-link-arg-bins=--nmagic");
    }
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
}

/// The series of the wearers 8 to 10 in the data of the smart watch. Each begins with its number of frames, the exercise, the
/// wearer, and two bytes that fill a frame.
fn wearers() -> Vec<u8> {
    for file in ["watch.csv", "watch.i8"] {
        println!("cargo::rerun-if-changed=../data/{file}");
    }
    let text = fs::read_to_string("../data/watch.csv").expect("the list of series is there");
    let frames = fs::read("../data/watch.i8").expect("the series are there");
    let (mut rest, mut chosen) = (&frames[..], Vec::new());
    for line in text.lines().skip(1) {
        let numbers: Vec<u16> = line.split(',').map(|number| number.parse().expect("three numbers a line")).collect();
        let [length, exercise, wearer] = numbers[..] else { panic!("three numbers a line") };
        let (series, after) = rest.split_at(6 * usize::from(length));
        rest = after;
        if wearer > 7 {
            let [low, high] = length.to_le_bytes();
            chosen.extend([low, high, exercise as u8, wearer as u8, 0, 0]);
            chosen.extend(series);
        }
    }
    chosen
}
