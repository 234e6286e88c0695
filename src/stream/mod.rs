//! What a stream of samples leaves in constant memory: statistics for [`Rescale`](crate::layers::Rescale), and samples to train
//! on later.

mod mean_variance;
mod min_max;
mod reservoir;
mod ring;

pub use mean_variance::MeanVariance;
pub(crate) use mean_variance::welford;
pub use min_max::MinMax;
pub use reservoir::Reservoir;
pub use ring::Ring;
