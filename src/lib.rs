#![doc = include_str!("../README.md")]
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod activations;
mod architecture;
pub mod buffer;
mod chain;
mod error;
mod freeze;
pub mod init;
#[doc(hidden)]
pub mod kernels;
pub mod layer;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod model;
pub mod optimizers;
mod params;
mod rng;
mod saliency;
pub mod schedules;
mod shuffle;
mod stored;
pub mod stream;
mod summary;
mod trainer;

pub use architecture::Architecture;
pub use chain::{Chain, Link};
pub use error::Error;
pub use freeze::{FreezeFirst, FreezesFirst};
pub use kernels::Lanes;
pub use model::ModelError;
pub use params::{Params, TensorName};
pub use rng::Sfc32;
pub use saliency::Saliency;
pub use shuffle::Permutation;
pub use summary::{LayerInfo, Summary};
pub use trainer::{Buffered, Direct, Epoch, Fit, Gradients, Trainer};

/// What a program that trains a net names: `use baregrad::prelude::*;`.
pub mod prelude {
    pub use crate::activations::*;
    pub use crate::chain;
    pub use crate::init::{Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Zeros};
    pub use crate::layer::Network;
    pub use crate::layers::*;
    pub use crate::losses::*;
    pub use crate::metrics::*;
    pub use crate::optimizers::*;
    pub use crate::schedules::*;
    pub use crate::{Chain, Epoch, Error, Fit, FreezeFirst, ModelError, Params, Saliency, Sfc32, Trainer};
    pub use rand_core::{Rng, SeedableRng};
}
