use super::error::ModelError;
use core::fmt;

/// Why a checkpoint in flash was not read or written. The newest whole one is as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SlotsError<E> {
    /// The flash refuses.
    Flash(E),
    /// A number is not finite.
    Model(ModelError),
    /// The flash is smaller than the slots want it to be.
    Capacity {
        /// Bytes of the flash.
        capacity: usize,
        /// Where the slots may end.
        needed: usize,
    },
    /// The flash does not hold what was written there: a page may be worn out.
    Verify {
        /// Where the write began.
        at: u32,
    },
    /// The flash has not given the same bytes twice. The net may be changed in part, and should be loaded again.
    Unstable,
    /// This save has failed before.
    Failed,
}

impl<E: fmt::Debug> fmt::Display for SlotsError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SlotsError::Flash(error) => write!(f, "the flash fails: {error:?}"),
            SlotsError::Model(error) => error.fmt(f),
            SlotsError::Capacity { capacity, needed } => {
                write!(f, "a flash of {capacity} bytes, but the slots may end at {needed}")
            }
            SlotsError::Verify { at } => write!(f, "the flash at {at:#x} does not hold what was written"),
            SlotsError::Unstable => write!(f, "the flash has not given the same bytes twice"),
            SlotsError::Failed => write!(f, "this save has failed before"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for SlotsError<E> {}
