//! Training: one step, an epoch, a data set.

mod accumulate;
pub mod callbacks;
mod evaluate;
mod fit;
mod gradients;
mod interruptible;
#[cfg(feature = "rayon")]
mod parallel;
mod trainer;

pub use accumulate::{Accumulate, Accumulated};
pub use fit::{Epoch, Fit};
pub use gradients::{Buffered, Direct, Gradients};
pub use interruptible::Step;
#[cfg(feature = "rayon")]
pub use parallel::Shard;
pub use trainer::Trainer;
