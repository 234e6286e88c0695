//! Layers, one a file. To add one: a file, a line here, and a line in the list of `tests/common/catalogue.rs`.

mod activation;
mod dense;
mod dropout;
mod frozen;
mod layer_norm;
mod regularized;

pub use activation::Activate;
pub use dense::{Dense, DenseGrad};
pub use dropout::Dropout;
pub use frozen::Frozen;
pub use layer_norm::LayerNorm;
pub use regularized::{L1, L1L2, L2, Penalty, Regularized};
