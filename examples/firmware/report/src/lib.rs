//! Boards, images for them, and what the images write.

pub mod boards;
pub mod build;
pub mod image;
pub mod run;

use std::{error::Error, path::PathBuf};

/// The result of what may fail in many ways.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The directory of the firmware.
pub fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}
