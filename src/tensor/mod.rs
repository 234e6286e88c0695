//! What numbers are: arrays of floats, the parameters of a layer, and their initial values.

mod fingerprint;
pub mod from_bytes;
pub mod init;
mod optimizer;
mod params;
pub(crate) mod rng;
mod staged;
#[allow(clippy::module_inception)]
mod tensor;

pub use fingerprint::Architecture;
pub use init::Initializer;
pub use optimizer::{Count, Gradient, MomentLanes, Moments, MomentsOf, Optimizer, update};
pub use params::{Parameterless, Params, TensorName};
pub use rng::Sfc32;
pub use staged::{Window, update_aside};
pub use tensor::*;
