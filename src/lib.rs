#![doc = include_str!("../README.md")]
#![no_std]
#![deny(missing_docs)]
#![cfg_attr(not(feature = "hardware-sqrt"), forbid(unsafe_code))]

#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod activations;
mod architecture;
mod aside;
pub mod buffer;
pub mod callbacks;
mod chain;
pub mod clipping;
mod data;
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
pub use aside::{Window, update_aside};
pub use chain::{Chain, Link};
pub use data::Data;
pub use error::Error;
pub use freeze::{FreezeFirst, FreezesFirst};
pub use kernels::Lanes;
pub use model::ModelError;
pub use params::{Parameterless, Params, TensorName};
pub use rng::Sfc32;
pub use saliency::Saliency;
pub use shuffle::Permutation;
pub use summary::{LayerInfo, Summary};
#[cfg(feature = "rayon")]
pub use trainer::Shard;
pub use trainer::{Accumulate, Accumulated, Buffered, Direct, Epoch, Fit, Gradients, Step, Trainer};

/// What a program that trains a net names: `use baregrad::prelude::*;`.
pub mod prelude {
    pub use crate::activations::*;
    pub use crate::callbacks::{
        EarlyStopping, LearningRateScheduler, Mode, ModelCheckpoint, Monitor, ReduceOnPlateau, Validation,
    };
    pub use crate::chain;
    pub use crate::init::{Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Zeros};
    pub use crate::layer::Network;
    pub use crate::layers::*;
    pub use crate::losses::*;
    pub use crate::metrics::*;
    pub use crate::optimizers::*;
    pub use crate::schedules::*;
    pub use crate::{Chain, Data, Epoch, Error, Fit, FreezeFirst, ModelError, Params, Saliency, Sfc32, Trainer};
    pub use rand_core::{Rng, SeedableRng};
}
