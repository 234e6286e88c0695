//! Layers, one per file. To add one, write a file, a line here, and an entry in `tests/common/catalogue`.
//! [`Layer`](crate::net::Layer) says how to write a layer.

mod activation;
mod alpha_dropout;
mod average_pool;
mod batch_norm;
mod bias_only;
mod conv1d;
mod conv2d;
mod cropping;
mod dense;
mod depthwise_conv;
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
mod up_sampling;
mod zero_padding;

pub use crate::tensor::{L1, L1L2, L2, Penalty};
pub use activation::Activate;
pub use alpha_dropout::AlphaDropout;
pub use average_pool::{AveragePool, AveragePool1d, AveragePool2d};
pub use batch_norm::{BatchNorm, BatchStatistics, Channels, Foldable};
pub use bias_only::BiasOnly;
pub use conv1d::{CausalConv1d, Conv1d};
pub use conv2d::Conv2d;
pub use cropping::{Cropping, Cropping1d, Cropping2d};
pub use dense::Dense;
pub use depthwise_conv::{CausalDepthwiseConv1d, DepthwiseConv1d, DepthwiseConv2d};
pub use dropout::Dropout;
pub use gaussian_dropout::GaussianDropout;
pub use gaussian_noise::GaussianNoise;
pub use global_average_pool::GlobalAveragePool;
pub use global_max_pool::GlobalMaxPool;
pub use layer_norm::LayerNorm;
pub use max_pool::{MaxPool, MaxPool1d, MaxPool2d};
pub use rescale::Rescale;
pub use reshape::{Flatten, Reshape};
pub use spatial_dropout::SpatialDropout;
pub use up_sampling::{UpSampling, UpSampling1d, UpSampling2d};
pub use zero_padding::{ZeroPadding, ZeroPadding1d, ZeroPadding2d};
