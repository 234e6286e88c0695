//! Training: one step, an epoch, a data set.

mod accumulate;
#[cfg(feature = "std")]
mod boxed;
mod callback;
pub mod callbacks;
mod epoch;
mod evaluate;
mod fit;
mod fit_iter;
mod gradients;
mod interruptible;
#[cfg(feature = "rayon")]
mod parallel;
mod trainer;
mod workspace;

pub use accumulate::{Accumulate, Accumulated};
#[cfg(feature = "std")]
pub use boxed::boxed;
pub use callback::{Callback, LambdaCallback};
pub use epoch::{Epoch, Figures, METRICS, Values};
pub use fit::Fit;
pub use gradients::{Buffered, Direct, Gradients};
pub use interruptible::Step;
#[cfg(feature = "rayon")]
pub use parallel::Shard;
pub use trainer::Trainer;
