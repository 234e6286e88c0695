//! Builds images, and keeps them apart by board.

use crate::boards::Board;
use crate::{Result, here};
use std::{env, fs, path::PathBuf, process::Command};

/// Programs whose size and RAM are measured, `empty` first; `bench` counts instructions.
pub const PROGRAMS: &[&str] = &["empty", "u1", "u2", "norm", "xor", "digits", "adapt", "anomaly", "bench"];
/// Those that some boards build with other profiles, too.
pub const WORKLOADS: &[&str] = &["empty", "u1", "u2", "norm", "bench"];
/// Profiles besides `release`, which is Cargo's own: what they set. With a profile of their own in Cargo.toml, procedural macros
/// would be built again for each.
const PROFILES: &[(&str, &[(&str, &str)])] = &[
    ("lto", &[("CARGO_PROFILE_RELEASE_LTO", "fat"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")]),
    ("s", &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s")]),
    ("z", &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z")]),
];

/// The images of one board.
pub struct Images {
    /// Program, profile, file.
    pub measured: Vec<(&'static str, &'static str, PathBuf)>,
    /// The program that hashes, with the feature `strict` where that changes anything.
    pub hash: PathBuf,
}

/// A call of cargo for the firmware, which prints nothing but warnings and errors.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(here()).arg("build").args(["-q", "--locked", "-p", "firmware", "--no-default-features"]);
    cargo.arg("--features=hardware-sqrt").args(arguments).env("CARGO_TARGET_DIR", directory()).env_remove("RUSTFLAGS");
    without_profiles(&mut cargo);
    cargo
}

/// Removes the caller's settings, such as a build without the debug information that `Image` reads: they are not a user's.
pub fn without_profiles(cargo: &mut Command) {
    env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PROFILE_"))
        .for_each(|(name, _)| _ = cargo.env_remove(name));
}

/// Builds programs for a machine, if it is a board, and copies each to `images/PLACE`.
pub fn images(
    place: &str,
    machine: Option<&str>,
    profile: &str,
    programs: &[&str],
    target: &str,
    flags: &str,
    features: &str,
) -> Result<PathBuf> {
    let mut cargo = cargo(&["--release", "--target", target, "--features", features]);
    programs.iter().for_each(|program| _ = cargo.args(["--bin", program]));
    if let Some((_, settings)) = PROFILES.iter().find(|(name, _)| *name == profile) {
        cargo.envs(settings.iter().copied());
    }
    if let Some(machine) = machine {
        cargo.env("BOARD", machine);
    }
    if !flags.is_empty() {
        cargo.env("RUSTFLAGS", flags);
    }
    println!("building {} for {place} ({profile}; {features})", programs.join(", "));
    if !cargo.status()?.success() {
        return Err(format!("{place} does not build").into());
    }
    let images = directory().join("images").join(place).join(profile);
    fs::create_dir_all(&images)?;
    let suffix = if target.starts_with("wasm32") { ".wasm" } else { "" };
    for program in programs {
        let file = format!("{program}{suffix}");
        fs::copy(directory().join(target).join("release").join(&file), images.join(&file))?;
    }
    Ok(images)
}

/// All images of a board.
pub fn board(board: &Board) -> Result<Images> {
    let images = |machine, profile, programs: &[&str], features| {
        images(board.name, Some(machine), profile, programs, board.target, board.flags, features)
    };
    let mut measured = Vec::new();
    let mut add = |machine, profile, programs: &'static [&str], features| -> Result<()> {
        let images = images(machine, profile, programs, features)?;
        measured.extend(programs.iter().map(|program| (*program, profile, images.join(program))));
        Ok(())
    };
    add(board.built_for, "release", PROGRAMS, "tasks")?;
    if !board.more.is_empty() {
        add(board.machine, "release", board.more, board.features)?;
    }
    for (profile, _) in PROFILES.iter().filter(|_| board.profiles) {
        add(board.built_for, profile, WORKLOADS, "workloads")?;
    }
    // `strict` is about fused multiply-adds, which no board has, and the square root of an FPU.
    let features = if board.soft_float() { "hash" } else { "hash,strict" };
    let hash = images(board.built_for, "release", &["hash"], features)?.join("hash");
    Ok(Images { measured, hash })
}

/// Where cargo builds.
pub fn directory() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or(here().join("target"), PathBuf::from)
}

/// Version of the compiler.
pub fn compiler() -> Result<String> {
    let version = Command::new("rustc").arg("--version").current_dir(here()).output()?;
    Ok(String::from_utf8(version.stdout)?.trim().into())
}
