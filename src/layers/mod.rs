//! Layers, one per file. To add one, write a file, a line here, and an entry in `tests/common/catalogue`.
//! [`Layer`](crate::net::Layer) says how to write a layer.

mod activation;
mod alpha_dropout;
mod average_pool;
mod batch_norm;
mod bias_only;
mod dense;
mod depthwise_conv1d;
mod depthwise_conv2d;
mod dropout;
mod gaussian_dropout;
mod gaussian_noise;
mod global_average_pool;
mod global_max_pool;
mod layer_norm;
mod max_pool;
mod rescale;
mod reshape;
mod spatial_dropout;

pub use crate::tensor::{L1, L1L2, L2, Penalty};
pub use activation::Activate;
pub use alpha_dropout::AlphaDropout;
pub use average_pool::{AveragePool, AveragePool1d, AveragePool2d};
pub use batch_norm::{BatchNorm, BatchStatistics, Channels};
pub use bias_only::BiasOnly;
pub use dense::Dense;
pub use depthwise_conv1d::{CausalDepthwiseConv1d, DepthwiseConv1d};
pub use depthwise_conv2d::DepthwiseConv2d;
pub use dropout::Dropout;
pub use gaussian_dropout::GaussianDropout;
pub use gaussian_noise::GaussianNoise;
pub use global_average_pool::GlobalAveragePool;
pub use global_max_pool::GlobalMaxPool;
pub use layer_norm::LayerNorm;
pub use max_pool::{MaxPool, MaxPool1d, MaxPool2d};
pub use rescale::Rescale;
pub use reshape::{Flatten, Reshape};
pub use spatial_dropout::SpatialDropout1D;
