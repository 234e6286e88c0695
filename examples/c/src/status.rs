//! What a function returns.

use baregrad::{Error, ModelError};
use core::ffi::{CStr, c_char};

/// What a function returns. After an error, everything is as it was, but for BG_STATUS_GRADIENT_NOT_FINITE.
#[repr(u32)]
#[derive(Clone, Copy)]
pub enum Status {
    /// It is done.
    Ok = 0,
    /// A pointer is NULL.
    NullPointer = 1,
    /// A pointer is not aligned to its type.
    Misaligned = 2,
    /// A length is not the one that the net needs.
    Length = 3,
    /// Two of the buffers have bytes in common.
    Overlap = 4,
    /// The model has not been through bg_init.
    NotInitialised = 5,
    /// The loss is infinite or not a number; the step was not made.
    LossNotFinite = 6,
    /// A gradient is infinite or not a number; later layers may have learnt already. Load a checkpoint, or begin again.
    GradientNotFinite = 7,
    /// A number of the net is infinite or not a number.
    NumberNotFinite = 8,
    /// The file is damaged, or no model file.
    FileDamaged = 9,
    /// The file is of another version of the library.
    FileVersion = 10,
    /// The file belongs to another net or optimiser, or is not a checkpoint but weights.
    FileOfAnother = 11,
    /// An error that this interface does not know.
    Unknown = 12,
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::NonFiniteLoss { .. } => Status::LossNotFinite,
            Error::NonFiniteGradient { .. } => Status::GradientNotFinite,
            Error::NotSetUp => Status::NotInitialised,
            Error::Empty | Error::LengthMismatch { .. } | Error::BatchSize { .. } | Error::ScratchTooSmall { .. } => {
                Status::Length
            }
            _ => Status::Unknown,
        }
    }
}

impl From<ModelError> for Status {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::BufferTooSmall { .. } => Status::Length,
            ModelError::Truncated { .. }
            | ModelError::Surplus { .. }
            | ModelError::Magic { .. }
            | ModelError::Checksum { .. } => Status::FileDamaged,
            ModelError::Version { .. } => Status::FileVersion,
            ModelError::Contents { .. }
            | ModelError::Architecture { .. }
            | ModelError::Optimizer { .. }
            | ModelError::PayloadLength { .. } => Status::FileOfAnother,
            ModelError::NonFinite { .. } => Status::NumberNotFinite,
            _ => Status::Unknown,
        }
    }
}

impl From<Result<(), Status>> for Status {
    fn from(result: Result<(), Status>) -> Self {
        result.err().unwrap_or(Status::Ok)
    }
}

/// Returns what a status means: a text that is part of the program, for any number.
#[unsafe(no_mangle)]
pub extern "C" fn bg_message(status: u32) -> *const c_char {
    const TEXTS: [&CStr; Status::Unknown as usize + 1] = [
        c"done",
        c"a pointer is NULL",
        c"a pointer is not aligned",
        c"a length is not the one that the net needs",
        c"buffers overlap",
        c"the model has not been initialised",
        c"the loss is not finite",
        c"a gradient is not finite",
        c"a number of the net is not finite",
        c"the file is damaged",
        c"the file is of another version",
        c"the file belongs to another net or optimiser",
        c"unknown error",
    ];
    TEXTS.get(status as usize).unwrap_or(&c"no status").as_ptr()
}
