//! Small neural networks that train and run wherever `core` runs: no heap, no `unsafe`, no panic.
//!
//! A net is a type, composed of [`layers`] by [`chain!`], and its value holds the weights. A [`Trainer`] is one value with
//! everything that training needs. Names and defaults follow Keras.
//!
//! ```
//! use baregrad::prelude::*;
//!
//! type Net = chain![Dense<2, 8, Tanh>, Dense<8, 1, Sigmoid>];
//!
//! let mut model = Trainer::<Net, BinaryCrossEntropy, Adam>::new(&mut Sfc32::seed_from_u64(1));
//! model.optimizer.learning_rate = 0.01;
//! let (x, y) = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]);
//! model.fit(&x, &y, &Fit { epochs: 1000, batch_size: 1, ..Fit::default() })?;
//! assert!(model.predict(&x)[1][0] > 0.9);
//!
//! // A net alone infers in `&self`, so it can lie in flash. The scratch is all the memory that it needs.
//! let mut y = [0.0];
//! model.net.infer_one(&[0.0, 0.0], &mut y, &mut [0.0; Net::SCRATCH]);
//! assert!(y[0] < 0.1);
//! # Ok::<(), baregrad::Error>(())
//! ```
//!
//! - [`layers`], [`activations`], [`losses`], [`optimizers`], [`schedules`], [`metrics`], [`callbacks`]: what Keras has under
//!   these names. [`net`] has blocks: residual, parallel, frozen, recomputed.
//! - [`Trainer`]: `fit`, `step`, `evaluate`, `predict`; [`Trainer::begin`] trains in pieces between which a device does other work.
//! - [`net::Stream`]: one sample in, one out, with the bits of the whole window.
//! - [`int8`]: quantised nets, from a float net or a `.tflite` file.
//! - [`mod@file`]: weights and checkpoints, [`include_model!`], and slots in flash that survive power cuts.
//! - [`data`]: data sets, splits, and statistics and buffers of a stream.
//!
#![doc = include_str!("../docs/features.md")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
#![cfg_attr(not(feature = "hardware-sqrt"), forbid(unsafe_code))]

#[cfg(any(test, feature = "std"))]
extern crate std;

/// The programs in the pages.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../docs/trainer.md")]
    mod trainer {}
    #[doc = include_str!("../docs/int8.md")]
    mod int8 {}
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
