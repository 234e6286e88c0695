use crate::error::NonFinite;
use crate::tensor::TensorName;
use core::fmt;

/// What is wrong with a model file, or with the buffer for one. The net is unchanged.
///
/// `Debug` prints the same text as `Display`, as in [`Error`](crate::Error).
#[derive(Clone, Copy, PartialEq, Eq)]
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
        /// Bytes needed.
        needed: usize,
    },
    /// There are bytes after the end of the file.
    Surplus {
        /// Bytes given.
        bytes: usize,
        /// Bytes needed.
        needed: usize,
    },
    /// This is not a model file.
    Magic {
        /// Its first four bytes.
        found: [u8; 4],
    },
    /// This crate does not know the version of the file's layout.
    Version {
        /// The version in the file.
        found: u16,
        /// The newest version that this crate knows.
        known: u16,
    },
    /// The file has changed since it was written.
    Checksum {
        /// The checksum of the bytes read.
        computed: u32,
        /// The checksum in the file.
        stored: u32,
    },
    /// The file has other contents than needed: for example weights, but a checkpoint is needed.
    Contents {
        /// The contents of the file, as in its header.
        found: u16,
        /// The contents needed.
        needed: u16,
    },
    /// The weights belong to another net, of other layers, shapes or activations.
    Architecture {
        /// Fingerprint of the file's net.
        found: u64,
        /// Fingerprint of this net.
        needed: u64,
        /// Number of the first layer that differs, counted as in [`TensorName::layer`]. If the file goes on after this net's
        /// last layer, it is the number of this net's layers.
        layer: usize,
        /// Name of that layer of this net in Keras, such as `Dense`. It is empty for a layer without tensors, and if there is
        /// no such layer.
        kind: &'static str,
    },
    /// The checkpoint belongs to another optimiser.
    Optimizer {
        /// Fingerprint of the file's optimiser.
        found: u64,
        /// Fingerprint of this optimiser.
        needed: u64,
    },
    /// The payload's length does not fit this net.
    PayloadLength {
        /// Bytes in the file.
        found: usize,
        /// Bytes needed.
        needed: usize,
    },
    /// A number is infinite or NaN.
    NonFinite {
        /// The part that contains the number.
        part: Part,
        /// The number's index in the part.
        index: usize,
        /// What the number is.
        value: NonFinite,
    },
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Part {
    /// The weights of a tensor.
    Tensor(TensorName),
    /// The optimiser's moments of a tensor.
    Moments,
    /// The optimiser's numbers.
    Numbers,
    /// The random number generator and the progress of the training.
    Run,
    /// The waiting gradients of [`Accumulate`](crate::Accumulate).
    Gradient,
    /// What a net keeps of a stream.
    Stream,
    /// What a net carries from window to window.
    Carried,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ModelError::BufferTooSmall { bytes, needed } => {
                write!(f, "a buffer of {bytes} bytes, but the file has {needed}")
            }
            ModelError::Truncated { bytes, needed } => write!(f, "the file ends after {bytes} of {needed} bytes"),
            ModelError::Surplus { bytes, needed } => write!(f, "{bytes} bytes, but the file has only {needed}"),
            ModelError::Magic { found } => {
                write!(f, "not a model file: it begins with the bytes {:08x}", u32::from_be_bytes(found))
            }
            ModelError::Version { found, known } => {
                write!(f, "the file has layout version {found}, but only {known} is known")
            }
            ModelError::Checksum { computed, stored } => {
                write!(f, "the file is damaged: its checksum is {computed:08x}, not {stored:08x}")
            }
            ModelError::Contents { found, needed } => {
                write!(f, "the file has the contents {found:#b}, but {needed:#b} are needed")
            }
            ModelError::Architecture { layer, kind: "", .. } => {
                write!(f, "the file belongs to another net: the first layer that differs is layer {layer}")
            }
            ModelError::Architecture { layer, kind, .. } => {
                write!(f, "the file belongs to another net: the first layer that differs is layer {layer} ({kind})")
            }
            ModelError::Optimizer { found, needed } => {
                write!(f, "the file belongs to the optimiser {found:016x}, but this one is {needed:016x}")
            }
            ModelError::PayloadLength { found, needed } => {
                write!(f, "a payload of {found} bytes, but this net needs {needed}")
            }
            ModelError::NonFinite { part, index, value } => match part {
                Part::Tensor(name) => {
                    write!(f, "number {index} of {}, layer {} ({}), is {value}", name.tensor, name.layer, name.kind)
                }
                Part::Moments => write!(f, "number {index} of a tensor's moments is {value}"),
                Part::Stream => write!(f, "number {index} of a stream's memory is {value}"),
                Part::Carried => write!(f, "number {index} of a carried state is {value}"),
                Part::Gradient => write!(f, "number {index} of a tensor's waiting gradient is {value}"),
                Part::Numbers | Part::Run => write!(f, "number {index} of the optimiser is {value}"),
            },
        }
    }
}

impl fmt::Debug for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for ModelError {}
