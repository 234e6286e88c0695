//! The lists of all activations, layers, losses, optimisers, schedules and metrics: tests and benches run over them.
//!
//! One line an entry: the stem of its file in `src`, and its type. The test `coverage` fails if a file has no line here.

mod activations;
mod layers;
mod losses;
mod metrics;
mod optimizers;
mod schedules;

pub use activations::*;
pub use layers::*;
pub use losses::*;
pub use metrics::*;
pub use optimizers::*;
pub use schedules::*;
