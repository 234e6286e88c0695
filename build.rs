//! Tells the kernels whether the target has the crate `wide`, and those of int8 which products an Arm microcontroller has, because
//! stable Rust has no `cfg` for them. A wrong answer about products costs time, and changes no result.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    println!("cargo::rustc-check-cfg=cfg(vectors, umlal, helium)");
    let of = |name| env::var(name).unwrap_or_default();
    // The list is that of Cargo.toml.
    if ["x86", "x86_64", "aarch64", "wasm32"].contains(&&*of("CARGO_CFG_TARGET_ARCH")) {
        println!("cargo::rustc-cfg=vectors");
    }
    let (target, flags) = (of("TARGET"), of("CARGO_ENCODED_RUSTFLAGS"));
    // `UMLAL` multiplies two words and adds to two words. ARMv6-M and the baseline of ARMv8-M do not have it.
    if of("CARGO_CFG_TARGET_ARCH") == "arm" && !["thumbv6m", "thumbv8m.base"].iter().any(|old| target.starts_with(old))
    {
        println!("cargo::rustc-cfg=umlal");
    }
    // The vectors of Cortex-M52, M55 and M85.
    if ["target-cpu=cortex-m52", "target-cpu=cortex-m55", "target-cpu=cortex-m85", "+mve"]
        .iter()
        .any(|cpu| flags.contains(cpu))
    {
        println!("cargo::rustc-cfg=helium");
    }
}
