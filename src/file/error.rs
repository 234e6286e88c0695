use crate::tensor::TensorName;
use core::fmt;

/// What is wrong with a model file, or with the buffer for one. The net is as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ModelError {
    /// The buffer is too small for the file.
    BufferTooSmall {
        /// Bytes given.
        bytes: usize,
        /// Bytes needed.
        needed: usize,
    },
    /// The file ends too early.
    Truncated {
        /// Bytes given.
        bytes: usize,
        /// Bytes that it should have.
        needed: usize,
    },
    /// There is something behind the file's end.
    Surplus {
        /// Bytes given.
        bytes: usize,
        /// Bytes that it should have.
        needed: usize,
    },
    /// This is no model file.
    Magic {
        /// Its first four bytes.
        found: [u8; 4],
    },
    /// The layout has a version that this crate does not know.
    Version {
        /// The file's.
        found: u16,
        /// The newest known.
        known: u16,
    },
    /// A bit has changed since the file was written.
    Checksum {
        /// Of what was read.
        computed: u32,
        /// The file's.
        stored: u32,
    },
    /// The file has other contents: weights where a checkpoint is asked for.
    Contents {
        /// The file's.
        found: u16,
        /// Those asked for.
        needed: u16,
    },
    /// The weights are those of another net.
    Architecture {
        /// Fingerprint of the file's net.
        found: u64,
        /// Fingerprint of this one.
        needed: u64,
    },
    /// The checkpoint is that of another optimiser.
    Optimizer {
        /// Fingerprint of the file's.
        found: u64,
        /// Fingerprint of this one.
        needed: u64,
    },
    /// The payload is not as long as this net's.
    PayloadLength {
        /// Bytes in the file.
        found: usize,
        /// Bytes of this net.
        needed: usize,
    },
    /// A number is infinite or not a number.
    NonFinite {
        /// In which part.
        part: Part,
        /// Where in the part.
        index: usize,
        /// The number.
        value: f32,
    },
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Part {
    /// The weights of a tensor.
    Tensor(TensorName),
    /// The optimiser's moments of some tensor.
    Moments,
    /// The optimiser's numbers.
    Numbers,
    /// The random number generator, and the progress of the training.
    Run,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ModelError::BufferTooSmall { bytes, needed } => {
                write!(f, "a buffer of {bytes} bytes, but the file has {needed}")
            }
            ModelError::Truncated { bytes, needed } => write!(f, "the file ends after {bytes} of {needed} bytes"),
            ModelError::Surplus { bytes, needed } => write!(f, "{bytes} bytes, but the file has only {needed}"),
            ModelError::Magic { found } => write!(f, "no model file: it begins with {found:02x?}"),
            ModelError::Version { found, known } => {
                write!(f, "the file has layout version {found}, but only {known} is known")
            }
            ModelError::Checksum { computed, stored } => {
                write!(f, "the file is damaged: its checksum is {computed:08x}, not {stored:08x}")
            }
            ModelError::Contents { found, needed } => {
                write!(f, "the file has the contents {found:#b}, but {needed:#b} are asked for")
            }
            ModelError::Architecture { found, needed } => {
                write!(f, "the file is of the net {found:016x}, but this one is {needed:016x}")
            }
            ModelError::Optimizer { found, needed } => {
                write!(f, "the file is of the optimiser {found:016x}, but this one is {needed:016x}")
            }
            ModelError::PayloadLength { found, needed } => {
                write!(f, "a payload of {found} bytes, but this net has {needed}")
            }
            ModelError::NonFinite { part, index, value } => match part {
                Part::Tensor(name) => {
                    write!(f, "number {index} of {}, layer {} ({}), is {value}", name.tensor, name.layer, name.kind)
                }
                Part::Moments => write!(f, "number {index} of a tensor's moments is {value}"),
                Part::Numbers | Part::Run => write!(f, "number {index} of the optimiser is {value}"),
            },
        }
    }
}

impl core::error::Error for ModelError {}
