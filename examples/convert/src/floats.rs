//! Floats as bytes.

use crate::error::Error;
use half::{bf16, f16};

/// The types of float that are read; the narrow ones are widened, which is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    F32,
    F16,
    BF16,
}

/// Little-endian floats.
pub(crate) fn widen(width: Width, bytes: &[u8]) -> Vec<f32> {
    match width {
        Width::F32 => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        Width::F16 => bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
        Width::BF16 => bytes.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32()).collect(),
    }
}

pub(crate) fn little_endian(floats: &[f32]) -> Vec<u8> {
    floats.iter().flat_map(|float| float.to_le_bytes()).collect()
}

/// Of `[rows][columns]`, the `[columns][rows]`.
pub(crate) fn transpose(floats: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| (0..rows).map(move |row| floats[row * columns + column])).collect()
}

/// Refuses infinities and NaN, which no form of a net can have. The error says what they are, and where.
pub(crate) fn finite(at: &str, what: &str, floats: &[f32]) -> Result<(), Error> {
    match floats.iter().all(|float| float.is_finite()) {
        true => Ok(()),
        false => Err(Error::NotFinite { at: at.into(), what: what.into() }),
    }
}
