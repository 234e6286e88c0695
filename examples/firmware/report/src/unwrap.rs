//! What `unwrap()` on a step costs where panics are printed: the formatting code of `Error`, which must not take floats.

use crate::{Result, build, image::Image};

/// Bytes of flash.
const LIMIT: u32 = 2048;

/// Images in which `unwrap()` costs more than the limit, beside a panic with a message.
pub fn failures() -> Result<Vec<String>> {
    let mut failures = Vec::new();
    for target in ["thumbv6m-none-eabi", "thumbv7em-none-eabihf"] {
        let flash = |features| -> Result<u32> {
            let arguments = ["--release", "--target", target, "--bin", "unwrap", "--features", features];
            if !build::cargo(&arguments).status()?.success() {
                return Err(format!("unwrap does not build for {target}").into());
            }
            let sizes = Image::read(&build::directory().join(target).join("release/unwrap"))?.sizes;
            Ok(sizes.code + sizes.constants)
        };
        let cost = flash("print,unwrap")? - flash("print")?;
        println!("unwrap() on a step costs {cost} bytes of flash on {target}");
        if cost > LIMIT {
            failures.push(format!("unwrap() on a step costs {cost} bytes of flash on {target}, more than {LIMIT}"));
        }
    }
    Ok(failures)
}
