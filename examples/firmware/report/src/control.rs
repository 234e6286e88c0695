//! The proofs prove something: what must not link does not link, and what must not compile does not.

use crate::{Result, build};

/// Controls: features, program, and what the compiler or the linker must say.
const CONTROLS: &[(&str, &str, &str)] = &[
    ("can-panic", "control", "undefined symbol: firmware_can_panic"),
    ("over-budget", "u2", "the trainer takes more RAM than its budget"),
];

/// Controls that pass although they must not.
pub fn failures() -> Result<Vec<String>> {
    let mut failures = Vec::new();
    for (feature, program, message) in CONTROLS {
        for target in ["thumbv6m-none-eabi", "thumbv7em-none-eabihf", "riscv32imac-unknown-none-elf"] {
            println!("building {program} with {feature} for {target}, which must fail");
            let output =
                build::cargo(&["--release", "--target", target, "--bin", program, "--features", feature]).output()?;
            let said = String::from_utf8_lossy(&output.stderr);
            if output.status.success() || !said.contains(message) {
                failures.push(format!("{program} with {feature} must fail with \"{message}\" for {target}: {said}"));
            }
        }
    }
    Ok(failures)
}
