//! Data sets, and what can be kept of a stream of samples in constant memory: statistics for
//! [`Rescale`](crate::layers::Rescale), and samples to train on later.

mod dataset;
mod mean_variance;
mod min_max;
mod reservoir;
mod ring;
mod shuffle;

pub use crate::tensor::Sample;
pub use dataset::Data;
pub use mean_variance::MeanVariance;
pub(crate) use mean_variance::{is_finite, welford};
pub use min_max::MinMax;
pub use reservoir::Reservoir;
pub use ring::Ring;
pub use shuffle::Permutation;
