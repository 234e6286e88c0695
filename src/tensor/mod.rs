//! Arrays of floats, the parameters of a layer with their initial values and gradients, and the trait of optimisers.

mod fingerprint;
mod flat;
mod from_bytes;
pub mod init;
mod numbers;
mod optimizer;
mod params;
mod penalty;
pub(crate) mod rng;
mod sinks;
mod staged;
#[allow(clippy::module_inception)]
mod tensor;
mod tensors;
mod want;

pub use fingerprint::Architecture;
pub use flat::{Flat, Larger};
pub use from_bytes::{Behind, Bytes, FromBytes, read};
pub use init::Initializer;
pub(crate) use numbers::{Number, forward, numbers};
pub use optimizer::{Count, Gradient, MomentLanes, Moments, MomentsOf, Optimizer, update};
pub use params::{Leaf, Parameterless, Params, TensorName};
pub use penalty::{L1, L1L2, L2, Penalty, add_penalized, penalty, penalty_gradient};
pub use rand_core::Rng;
pub use rng::Sfc32;
pub use sinks::{Sink, Sinks, Sum, Sums, Update, Updates};
pub use staged::{Window, update_staged};
pub use tensor::{Floats, MAX_RANK, Tensor, Zero};
pub(crate) use tensor::{copy, front, front_mut, zeros};
pub use tensors::Tensors;
pub use want::{No, Through, Want, Yes};
