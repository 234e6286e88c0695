//! Layers, one per file. To add one, write a file, a line here, and an entry in `tests/common/catalogue`.
//! [`Layer`](crate::net::Layer) says how to write a layer.

mod activation;
mod alpha_dropout;
mod batch_norm;
mod bias_only;
mod conv1d;
mod conv2d;
mod dense;
mod dropout;
mod gaussian_dropout;
mod gaussian_noise;
mod layer_norm;
mod rescale;
mod reshape;
mod spatial_dropout;

pub use crate::tensor::{L1, L1L2, L2, Penalty};
pub use activation::Activate;
pub use alpha_dropout::AlphaDropout;
pub use batch_norm::{BatchNorm, BatchStatistics, Channels, Foldable};
pub use bias_only::BiasOnly;
pub use conv1d::{CausalConv1d, Conv1d};
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use dropout::Dropout;
pub use gaussian_dropout::GaussianDropout;
pub use gaussian_noise::GaussianNoise;
pub use layer_norm::LayerNorm;
pub use rescale::Rescale;
pub use reshape::{Flatten, Reshape};
pub use spatial_dropout::SpatialDropout1D;
