use super::error::ModelError;
use core::fmt;

/// Why a checkpoint in flash was not read or written. The newest whole checkpoint is unchanged.
///
/// `Debug` prints the same text as `Display`, as in [`Error`](crate::Error).
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SlotsError<E> {
    /// The flash driver returned an error.
    Flash(E),
    /// A number is not finite.
    Model(ModelError),
    /// The flash is too small for the slots.
    Capacity {
        /// The size of the flash in bytes.
        capacity: usize,
        /// The last byte that the slots may use, plus one.
        needed: usize,
    },
    /// The flash does not hold what was written, or cannot be read there: a page may be worn out.
    Verify {
        /// The address where the write began.
        at: u32,
    },
    /// A slot is whole in one read and not in the next, again and again. The net may be changed in part; load it again.
    Unstable,
    /// An earlier step of this save failed.
    Failed,
}

impl<E: fmt::Debug> fmt::Display for SlotsError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SlotsError::Flash(error) => write!(f, "the flash failed: {error:?}"),
            SlotsError::Model(error) => error.fmt(f),
            SlotsError::Capacity { capacity, needed } => {
                write!(f, "a flash of {capacity} bytes, but the slots may end at {needed}")
            }
            SlotsError::Verify { at } => write!(f, "the flash at {at:#x} does not hold what was written"),
            SlotsError::Unstable => write!(f, "two reads of the flash differ"),
            SlotsError::Failed => write!(f, "an earlier step of this save failed"),
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for SlotsError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: fmt::Debug> core::error::Error for SlotsError<E> {}
