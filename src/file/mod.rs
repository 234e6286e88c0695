//! Model files: a net's weights, or a checkpoint of its training, as bytes.
//!
//! [`encode`] writes into a buffer of the caller, [`decode`] reads from one. Sizes are constants, and nothing is allocated.
//! Decoding checks everything before it changes anything.
//!
//! ```
//! use baregrad::{file::{self, Saved}, prelude::*};
//! type Net = chain![Dense<2, 8, Tanh>, Dense<8, 1>];
//!
//! let mut trained = Net::NEW;
//! trained.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
//! let mut file = [0; Net::FILE_LEN];
//! file::encode(&trained, &mut file)?;
//!
//! let mut net = Net::NEW;
//! file::decode(&mut net, &file)?;
//! assert_eq!(net.0.w, trained.0.w);
//!
//! file[40] ^= 1;
//! assert!(matches!(file::decode(&mut net, &file), Err(ModelError::Checksum { .. })));
//! # Ok::<(), ModelError>(())
//! ```
//!
//! # What it costs
//!
//! On a Cortex-M4F, decoding adds 1,464 bytes of code to the firmware of a net 16→32→4 (1,236 at `opt-level = "s"`), and
//! takes 67,602 instructions for its 2,736 bytes: a millisecond at 64 MHz, most of it the checksum. A net in flash for which
//! no copy is needed is a constant, by [`include_model!`](crate::include_model).
//!
//! # The layout, version 1
//!
//! All numbers are little-endian, and every part is a multiple of four bytes.
//!
//! | offset | bytes | what |
//! |--:|--:|---|
//! | 0 | 4 | `42 47 52 44`, that is `BGRD` in ASCII |
//! | 4 | 2 | version of the layout: 1 |
//! | 6 | 2 | contents: 1 weights, 3 a checkpoint (bit 0: weights, bit 1: state of the training) |
//! | 8 | 8 | fingerprint of the net, of which [`Architecture`](crate::Architecture) has the formula |
//! | 16 | 8 | fingerprint of the optimiser's [kind](crate::optimizers::Optimizer::KIND), such as `adam`, by the same formula; 0 where there are only weights |
//! | 24 | 4 | bytes of payload |
//! | 28 | 4 | CRC-32 of the bytes 0 to 27 and the payload: that of zlib and Ethernet (CRC-32/ISO-HDLC) |
//! | 32 | | payload |
//!
//! The payload begins with the weights: `f32` after `f32`, each tensor in C order, tensors in the order of
//! [`Params::tensors`](crate::Params::tensors), which includes numbers that are not trained. There is nothing between them.
//! So that of `chain![Dense<2, 8, Tanh>, Dense<8, 1>]` has
//!
//! | offset | bytes | what |
//! |--:|--:|---|
//! | 32 | 64 | `w` of the first layer, `[2][8]`: in, out |
//! | 96 | 32 | its `b`, `[8]` |
//! | 128 | 32 | `w` of the second layer, `[8][1]` |
//! | 160 | 4 | its `b`, `[1]` |
//!
//! A checkpoint goes on with the moments, tensor by tensor in the same order (all of Adam's `m` of a tensor, then all of its
//! `v`), the optimiser's [numbers](crate::optimizers::Optimizer::Numbers), the four words of the
//! [random number generator](crate::Sfc32), and the word [`Trainer::progress`](crate::Trainer::progress).
//!
//! A NaN is written as `7fc00000`, whatever its bits. Fields of layers that are no tensors, such as the ε of `LayerNorm`,
//! belong to the program, and are not in the file.

mod checksum;
mod error;
mod included;
mod layout;
mod payload;
#[cfg(feature = "embedded-storage-v0_3")]
mod save;
mod saved;
#[cfg(feature = "embedded-storage-v0_3")]
mod slots;
#[cfg(feature = "embedded-storage-v0_3")]
mod slots_error;

pub use error::{ModelError, Part};
pub use included::{File, Payload};
pub use layout::{decode, decode_any, encode, encode_any};
#[cfg(feature = "embedded-storage-v0_3")]
pub use save::Save;
pub use saved::{Saved, Slice, SliceMut};
#[cfg(feature = "embedded-storage-v0_3")]
pub use slots::Slots;
#[cfg(feature = "embedded-storage-v0_3")]
pub use slots_error::SlotsError;
