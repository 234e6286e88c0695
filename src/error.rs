//! Errors at run time, with the numbers that caused them.

use core::fmt;

/// Why a call failed. The net is unchanged, except as [`NonFiniteGradient`](Error::NonFiniteGradient) says.
///
/// `Debug` prints the same text as `Display`: the derived one would add 2 KB of code to `unwrap` on a microcontroller.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// There are no samples.
    Empty,
    /// The numbers of samples and targets (or outputs) differ.
    LengthMismatch {
        /// Number of samples.
        samples: usize,
        /// Number of targets.
        targets: usize,
    },
    /// A target's class has no output in the net.
    ClassOutOfRange {
        /// Index of the target in the data.
        sample: usize,
        /// The class of that target.
        class: usize,
        /// The number of classes: the net's outputs.
        classes: usize,
    },
    /// A target's class has no weight in [`ClassWeighted`](crate::losses::ClassWeighted).
    ClassWithoutWeight {
        /// Index of the target in the data.
        sample: usize,
        /// The class of that target.
        class: usize,
        /// The number of weights.
        weights: usize,
    },
    /// The net has no such output.
    NoSuchOutput {
        /// The output asked for, counted from 0.
        output: usize,
        /// The number of outputs.
        outputs: usize,
    },
    /// The batch is empty or larger than the trainer's capacity.
    BatchSize {
        /// The batch size asked for.
        batch_size: usize,
        /// The capacity, a constant in the trainer's type.
        capacity: usize,
    },
    /// The scratch for inference is too small.
    ScratchTooSmall {
        /// Floats given.
        floats: usize,
        /// Floats needed.
        needed: usize,
    },
    /// A training was asked for 0 epochs, so there is no last epoch to return.
    NoEpochs,
    /// The epoch does not have the figure that a callback monitors. [`Validation`](crate::training::callbacks::Validation)
    /// must come before that callback.
    NotMonitored,
    /// The trainer is [`Trainer::ZERO`](crate::Trainer::ZERO), and was not [set up](crate::Trainer::set_up).
    NotSetUp,
    /// A gradient is infinite or NaN, or the sum of its layer's absolute gradients overflows. The sum may include gradients
    /// that this one is added to ([`Accumulate`](crate::Accumulate), threads). If gradients are stored
    /// ([`Buffered`](crate::Buffered)), the net is unchanged. A direct update finds the gradient on the way back: this layer
    /// and those before it are unchanged, but the layers after it have changed.
    NonFiniteGradient {
        /// The index of the layer, counted from 0.
        layer: usize,
    },
    /// The loss of a batch is infinite or NaN; the step was not made.
    NonFiniteLoss {
        /// What the loss is.
        loss: NonFinite,
        /// The index in the data of the first sample with a number that is infinite or NaN: in the sample itself, in its
        /// output, or in the gradient of its loss. `None` if there is no such number, because only the loss overflows.
        sample: Option<usize>,
    },
}

impl Error {
    /// The same error of a batch whose sample `i` is sample `place(i)` of the data.
    pub(crate) fn in_data(self, place: impl FnOnce(usize) -> usize) -> Self {
        match self {
            Error::NonFiniteLoss { loss, sample } => Error::NonFiniteLoss { loss, sample: sample.map(place) },
            other => other,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Empty => write!(f, "the data set is empty"),
            Error::LengthMismatch { samples, targets } => write!(f, "{samples} samples, but {targets} targets"),
            Error::ClassOutOfRange { sample, class, classes } => {
                write!(f, "target {sample} names class {class}, but the net has {classes} outputs")
            }
            Error::ClassWithoutWeight { sample, class, weights } => {
                write!(f, "target {sample} names class {class}, but there are only {weights} class weights")
            }
            Error::NoSuchOutput { output, outputs } => {
                write!(f, "there is no output {output}: the net has {outputs}, counted from 0")
            }
            Error::BatchSize { batch_size, capacity } => {
                write!(f, "batch of {batch_size} samples, but the trainer takes 1 to {capacity}")
            }
            Error::ScratchTooSmall { floats, needed } => {
                write!(f, "scratch of {floats} floats, but the net needs {needed}")
            }
            Error::NoEpochs => write!(f, "the training has 0 epochs"),
            Error::NotMonitored => write!(f, "the epoch lacks the figure that a callback monitors"),
            Error::NotSetUp => write!(f, "the trainer is all zeros: call `set_up` first"),
            Error::NonFiniteGradient { layer } => write!(f, "the gradient of layer {layer} is not finite"),
            Error::NonFiniteLoss { loss, sample: None } => write!(f, "the loss is {loss}; the step was not made"),
            Error::NonFiniteLoss { loss, sample: Some(sample) } => {
                write!(f, "the loss is {loss}, because of sample {sample}; the step was not made")
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Error {}

/// A number that is infinite or NaN.
///
/// Errors have it in place of the number, so that printing an error takes no code that formats floats: that would be 26 KB on a
/// Cortex-M4F.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NonFinite {
    /// Not a number.
    Nan,
    /// Positive infinity.
    Infinity,
    /// Negative infinity.
    NegativeInfinity,
}

impl NonFinite {
    /// Says which of the three this number is. It is not finite.
    pub(crate) fn of(number: f32) -> Self {
        if number.is_nan() {
            NonFinite::Nan
        } else if number > 0.0 {
            NonFinite::Infinity
        } else {
            NonFinite::NegativeInfinity
        }
    }
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NonFinite::Nan => "NaN",
            NonFinite::Infinity => "inf",
            NonFinite::NegativeInfinity => "-inf",
        })
    }
}

/// Why a target does not fit: its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClassError {
    /// The net has no output for the class.
    NoOutput {
        /// The class.
        class: usize,
    },
    /// There is no weight for the class.
    NoWeight {
        /// The class.
        class: usize,
        /// The number of weights.
        weights: usize,
    },
}

impl ClassError {
    /// The error of target `sample` in a net with `classes` outputs.
    pub(crate) fn at(self, sample: usize, classes: usize) -> Error {
        match self {
            ClassError::NoOutput { class } => Error::ClassOutOfRange { sample, class, classes },
            ClassError::NoWeight { class, weights } => Error::ClassWithoutWeight { sample, class, weights },
        }
    }
}
