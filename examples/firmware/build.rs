//! The board: its memory map and its clock, by target or by the variable `BOARD`.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-env-changed=BOARD");
    println!("cargo::rerun-if-changed=boards");
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
    let out = env::var("OUT_DIR").expect("cargo sets it");
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
