//! Runs images, and reads what they write.

use crate::{Result, here};
use std::{collections::BTreeMap, path::Path, process::Command};

/// What a program wrote: lines of `@name value`, in hexadecimal digits.
pub type Figures = BTreeMap<String, u32>;

/// Reads what a program wrote, in order: names need not be unique.
pub fn parse(output: &str) -> impl Iterator<Item = (String, u32)> {
    output.lines().filter_map(|line| {
        let (name, value) = line.strip_prefix('@')?.split_once(' ')?;
        Some((name.to_string(), u32::from_str_radix(value, 16).ok()?))
    })
}

/// Runs an image on a machine of QEMU; whether its exit status was 0, and its output.
pub fn emulate(machine: &str, image: &Path) -> Result<(bool, String)> {
    let output = Command::new(here().join("emulate")).arg(image).env("BOARD", machine).output()?;
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Ok((output.status.success(), text))
}
