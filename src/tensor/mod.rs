//! Arrays of floats, the parameters of a layer with their initial values and gradients, and the trait of optimisers.

mod fingerprint;
mod flat;
mod from_bytes;
pub mod init;
mod numbers;
mod optimizer;
mod parameterless;
mod params;
mod penalty;
mod places;
pub(crate) mod rng;
mod sample;
mod sinks;
mod staged;
#[allow(clippy::module_inception)]
mod tensor;
mod tensor_name;
mod tensors;
mod type_name;
mod want;

pub use crate::kernels::axis::{same, valid};
pub use fingerprint::Architecture;
pub use flat::{Flat, Larger};
pub use from_bytes::{Behind, Bytes, FromBytes, read};
pub use init::Initializer;
pub(crate) use numbers::{Number, forward, free_rate, numbers};
pub use optimizer::{Count, FreeRate, Gradient, MomentLanes, Moments, MomentsOf, Optimizer, update};
pub use parameterless::Parameterless;
pub use params::{Leaf, Params};
pub use penalty::{L1, L1L2, L2, Penalty, add_penalized, penalty, penalty_gradient};
pub(crate) use places::by_rank;
pub use places::{Image, Places, Sequence};
pub use rand_core::Rng;
pub use rng::Sfc32;
pub use sample::Sample;
pub use sinks::{Sink, Sinks, Sum, Sums, Update, Updates};
pub use staged::{Window, update_staged};
pub use tensor::{Floats, MAX_RANK, Tensor, Zero};
pub(crate) use tensor::{batch, copy, front, front_mut, zeros};
pub use tensor_name::TensorName;
pub use tensors::Tensors;
pub(crate) use type_name::debug;
pub use type_name::write_type;
pub use want::{No, Through, Want, Yes};
