//! What can fail at run time, with the numbers at fault.

use core::fmt;

/// Why a call did nothing. The net is as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// There is not one sample.
    Empty,
    /// Samples and targets (or outputs) differ in number.
    LengthMismatch {
        /// Number of samples.
        samples: usize,
        /// Number of targets.
        targets: usize,
    },
    /// A target names a class that the net has no output for.
    ClassOutOfRange {
        /// Index of the target in the data.
        sample: usize,
        /// The class it names.
        class: usize,
        /// Number of classes: the net's outputs.
        classes: usize,
    },
    /// The net has fewer outputs.
    NoSuchOutput {
        /// The output asked for, from 0.
        output: usize,
        /// How many there are.
        outputs: usize,
    },
    /// The batch is empty or larger than the trainer's capacity.
    BatchSize {
        /// The size asked for.
        batch_size: usize,
        /// The capacity, a constant of the trainer's type.
        capacity: usize,
    },
    /// The scratch for inference is too short.
    ScratchTooSmall {
        /// Floats given.
        floats: usize,
        /// Floats needed.
        needed: usize,
    },
    /// An epoch lacks the figure that a callback monitors: [`Validation`](crate::training::callbacks::Validation) must stand before it.
    NotMonitored,
    /// A gradient is infinite, not a number, or so large that the sum over its layer is. With the gradient in memory
    /// ([`Buffered`](crate::Buffered)) the net is unchanged. A direct update finds it on its way back: this layer and those
    /// before it are unchanged, the layers behind it have moved.
    NonFiniteGradient {
        /// The number of the layer, from 0.
        layer: usize,
    },
    /// The loss of a batch is infinite or not a number; its step was not made.
    NonFiniteLoss {
        /// The loss.
        loss: f32,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Empty => write!(f, "the data set is empty"),
            Error::LengthMismatch { samples, targets } => write!(f, "{samples} samples, but {targets} targets"),
            Error::ClassOutOfRange { sample, class, classes } => {
                write!(f, "target {sample} names class {class}, but the net has {classes} outputs")
            }
            Error::NoSuchOutput { output, outputs } => {
                write!(f, "output {output} is asked for, but the net has {outputs}, counted from 0")
            }
            Error::BatchSize { batch_size, capacity } => {
                write!(f, "batch of {batch_size} samples, but the trainer takes 1 to {capacity}")
            }
            Error::ScratchTooSmall { floats, needed } => {
                write!(f, "scratch of {floats} floats, but the net needs {needed}")
            }
            Error::NotMonitored => write!(f, "the epoch lacks the figure that a callback monitors"),
            Error::NonFiniteGradient { layer } => write!(f, "the gradient of layer {layer} is not finite"),
            Error::NonFiniteLoss { loss } => write!(f, "the loss is {loss}; the step was not made"),
        }
    }
}

impl core::error::Error for Error {}
