#![doc = include_str!("../README.md")]
#![no_std]
#![deny(missing_docs)]
#![cfg_attr(not(feature = "hardware-sqrt"), forbid(unsafe_code))]

#[cfg(any(test, feature = "std"))]
extern crate std;

/// The programs in the pages.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../docs/product.md")]
    mod product {}
}

pub mod activations;
pub mod clipping;
pub mod data;
mod error;
pub mod file;
pub mod int8;
#[doc(hidden)]
pub mod kernels;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod net;
pub mod optimizers;
pub mod schedules;
pub mod tensor;
mod training;

pub use data::{Data, Permutation};
pub use error::{Error, NonFinite};
pub use file::ModelError;
pub use kernels::Lanes;
#[cfg(feature = "dispatch")]
pub use kernels::machine::simd_level;
pub use net::{Chain, FreezeFirst, LayerInfo, Saliency, Summary};
pub use tensor::{Architecture, Params, Sfc32, TensorName, init};
#[cfg(feature = "rayon")]
pub use training::Shard;
#[cfg(feature = "std")]
pub use training::boxed;
pub use training::{
    Accumulate, Accumulated, Buffered, Direct, Epoch, Figures, Fit, Gradients, METRICS, Step, Trainer, Values,
    callbacks,
};

/// The names that a program needs to train a net: `use baregrad::prelude::*;`.
pub mod prelude {
    pub use crate::activations::*;
    pub use crate::callbacks::{
        EarlyStopping, LearningRateScheduler, Mode, ModelCheckpoint, Monitor, ReduceOnPlateau, Validation,
    };
    pub use crate::chain;
    pub use crate::init::{
        Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Orthogonal, RandomUniform, Zeros,
    };
    pub use crate::layers::*;
    pub use crate::losses::*;
    pub use crate::metrics::*;
    pub use crate::net::{
        Add, Branches, Concat, Concatenate, Frozen, InPlace, KeepPadding, Network, Recompute, Residual, Stream, Sum,
    };
    pub use crate::optimizers::*;
    pub use crate::schedules::*;
    pub use crate::tensor::{Image, Sequence};
    pub use crate::{Chain, Data, Epoch, Error, Fit, FreezeFirst, ModelError, Params, Saliency, Sfc32, Trainer};
    pub use rand_core::{Rng, SeedableRng};
}
