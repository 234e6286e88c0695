//! The hashes of the program `hash` with the feature `strict`: the same on every machine.

use crate::{Result, build, here, run};
use std::{ffi::OsStr, fs, process::Command};

/// A machine that is no board.
pub struct Host {
    name: &'static str,
    target: &'static str,
    flags: &'static str,
    /// Of image files.
    extension: &'static str,
    /// What runs an image.
    runner: &'static [&'static str],
    /// A flag of the processor without which an image does not run.
    needs: &'static str,
    /// Programs besides `hash`.
    more: &'static [&'static str],
}

const X86_64: Host = Host {
    name: "x86-64, SSE2",
    target: "x86_64-unknown-linux-gnu",
    flags: "",
    extension: "",
    runner: &["timeout", "300"],
    needs: "",
    more: &[],
};

const WEB_ASSEMBLY: Host = Host {
    name: "WebAssembly",
    target: "wasm32-unknown-unknown",
    extension: "wasm",
    runner: &["timeout", "300", "node", "wasm.mjs"],
    more: build::PROGRAMS,
    ..X86_64
};

/// Processors of the development machine, one that QEMU emulates, and WebAssembly in node, which runs all programs.
pub const HOSTS: &[Host] = &[
    X86_64,
    Host { name: "x86-64, AVX2 and FMA", flags: "-Ctarget-cpu=x86-64-v3", needs: "avx2", ..X86_64 },
    Host { name: "x86-64, AVX-512", flags: "-Ctarget-cpu=x86-64-v4", needs: "avx512vl", ..X86_64 },
    Host {
        name: "aarch64, NEON",
        target: "aarch64-unknown-linux-musl",
        runner: &["timeout", "300", "qemu-aarch64"],
        ..X86_64
    },
    WEB_ASSEMBLY,
    Host { name: "WebAssembly, simd128", flags: "-Ctarget-feature=+simd128", more: &[], ..WEB_ASSEMBLY },
];

/// Of one machine.
pub struct Hashes {
    /// Its name.
    pub machine: String,
    /// Whether it must agree with the others.
    pub exact: bool,
    /// Name and hash, in the program's order.
    pub of: Vec<(String, u32)>,
}

impl Hashes {
    /// Without the figures that depend on the machine.
    fn bits(&self) -> impl Iterator<Item = &(String, u32)> {
        self.of.iter().filter(|(name, _)| name != "stack")
    }

    /// The names whose hashes are others.
    pub fn differences(&self, other: &Hashes) -> Vec<&str> {
        let pairs = self.bits().zip(other.bits());
        let mut names: Vec<&str> = pairs.filter(|(a, b)| a != b).map(|((name, _), _)| name.as_str()).collect();
        if self.bits().count() != other.bits().count() {
            names.push("their number");
        }
        names
    }
}

/// Of all machines.
#[derive(Default)]
pub struct Bits {
    /// The first is what the others are compared with.
    pub rows: Vec<Hashes>,
}

impl Bits {
    /// Runs `hash` on a host, and what else it is to run.
    pub fn host(&mut self, host: &Host) -> Result<()> {
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        if !host.needs.is_empty() && !processor.split_whitespace().any(|flag| flag == host.needs) {
            println!("NOT RUN: this machine has no {}", host.needs);
            return Ok(());
        }
        let place = host.name.replace([' ', ','], "");
        let programs = [&["hash"], host.more].concat();
        let features = if host.more.is_empty() { "hash,strict" } else { "hash,strict,tasks" };
        let images = build::images(&place, None, "release", &programs, host.target, host.flags, features)?;
        for program in programs {
            let image = images.join(program).with_extension(host.extension);
            let mut line: Vec<&OsStr> = host.runner.iter().map(AsRef::as_ref).collect();
            line.push(image.as_os_str());
            let output = Command::new(line[0]).args(&line[1..]).current_dir(here()).output()?;
            let text = String::from_utf8(output.stdout)?;
            if !output.status.success() {
                return Err(format!("{program} failed on {}: {text}", host.name).into());
            }
            if program == "hash" {
                let of = run::parse(&text).collect();
                self.rows.push(Hashes { machine: host.name.into(), exact: true, of });
            }
        }
        Ok(())
    }

    /// Machines that must agree with the first and do not.
    pub fn failures(&self) -> Vec<String> {
        let Some((first, rest)) = self.rows.split_first() else { return vec!["no machine has hashed".into()] };
        rest.iter()
            .filter(|row| row.exact && !row.differences(first).is_empty())
            .map(|row| {
                format!("strict: {} has other bits than {}: {:?}", row.machine, first.machine, row.differences(first))
            })
            .collect()
    }

    fn csv(&self) -> String {
        let lines = self.rows.first().into_iter().flat_map(Hashes::bits);
        lines.fold("name,hash\n".into(), |csv, (name, hash)| csv + &format!("{name},{hash:08x}\n"))
    }

    /// Whether the bits are those committed.
    pub fn compare(&self) -> Result<Option<String>> {
        let committed = fs::read_to_string(here().join("bits.csv"))?;
        Ok((committed != self.csv()).then(|| "strict: the bits are not those of bits.csv".into()))
    }

    /// Replaces those committed.
    pub fn write(&self) -> Result<()> {
        Ok(fs::write(here().join("bits.csv"), self.csv())?)
    }
}
