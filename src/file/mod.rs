//! Model files: the weights of a net, a checkpoint of its training, or its memory of a stream, as bytes.
//!
//! [`encode`] writes to a buffer that the caller provides; [`decode`] reads from one. Sizes are constants, and nothing is
//! allocated. Decoding checks everything before it changes anything.
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
//! # Cost
//!
//! On a Cortex-M4F, decoding adds 1,816 bytes of code to the firmware of a net 16→32→4 (1,492 at `opt-level = "s"`). For the
//! 2,748 bytes of the file it takes 67,956 instructions, most of them for the checksum: a millisecond at 64 MHz. If the net
//! can stay in flash, [`include_model!`](crate::include_model) makes it a constant, which needs no decoding.
//!
//! # The layout, version 2
//!
//! All numbers are little-endian. The length of every part is a multiple of four bytes.
//!
//! | offset | bytes | what |
//! |--:|--:|---|
//! | 0 | 4 | `42 47 52 44`, that is `BGRD` in ASCII |
//! | 4 | 2 | version of the layout: 2 |
//! | 6 | 2 | contents: 1 for weights, 3 for a checkpoint (bit 0: weights, bit 1: state of the training), 4 for the memory of a stream |
//! | 8 | 8 | fingerprint of the net; [`Architecture`](crate::Architecture) has the formula |
//! | 16 | 8 | fingerprint of the training, by the same formula; 0 if there are only weights |
//! | 24 | 4 | length of the payload in bytes |
//! | 28 | 4 | CRC-32 of the bytes 0 to 27 and the payload, as in zlib and Ethernet (CRC-32/ISO-HDLC) |
//! | 32 | | payload |
//!
//! The text of the training is the optimiser's [kind](crate::optimizers::Optimizer::KIND), such as `adam clip_norm`, followed by
//! ` accumulate` if gradients [wait](crate::Accumulate), a line feed, and one letter per weight: `t` if it is trained, otherwise
//! `f`.
//!
//! The payload begins with a table of the net's layers, by which [`decode`] finds where another net differs. It has one word
//! per layer that has a line in the text of the [`Architecture`](crate::Architecture): the lower half of the line's
//! fingerprint. Lines of compositions, such as `residual` and `end`, have words as well; an [`InFlash`](crate::net::InFlash)
//! is one layer, with one word for all its lines. A zero ends the table. In a file of the right net, only its length matters.
//!
//! Then come the weights, as `f32`. Tensors are in the order of [`Params::tensors`](crate::Params::tensors), which includes
//! those that no optimiser sees: a `BatchNorm` has `gamma`, `beta`, `mean` and `variance`. Each tensor is in C order. There is
//! no padding. So a file of `chain![Dense<2, 8, Tanh>, Dense<8, 1>]` has
//!
//! | offset | bytes | what |
//! |--:|--:|---|
//! | 32 | 4 | lower half of the fingerprint of `dense 2 8 tanh` and a line feed |
//! | 36 | 4 | the same of `dense 8 1 linear` |
//! | 40 | 4 | 0 |
//! | 44 | 64 | `w` of the first layer, `[2][8]`: in, out |
//! | 108 | 32 | its `b`, `[8]` |
//! | 140 | 32 | `w` of the second layer, `[8][1]` |
//! | 172 | 4 | its `b`, `[1]` |
//!
//! In a checkpoint, the moments of the trained tensors follow, tensor by tensor in the same order (all of Adam's `m` of a
//! tensor, then all of its `v`). Then come the optimiser's [numbers](crate::optimizers::Optimizer::Numbers), the four words of the [random number
//! generator](crate::Sfc32), and one word for [`Trainer::progress`](crate::Trainer::progress). If gradients wait, the number of
//! batches and the sum of their gradients follow. Last come the [states](crate::Params::carried) that are carried from window to
//! window.
//!
//! The memory of a [stream](crate::net::StreamState) has, layer by layer, the steps that are kept or the states of a recurrent
//! layer, and the numbers that count the steps.
//!
//! A NaN is always written as `7fc00000`. Fields of layers that are not tensors, such as the ε of `LayerNorm`, are not in
//! the file: they are part of the program.
//!
//! ## What has changed since version 1
//!
//! * The payload begins with the table of layers.
//! * Tensors that training changes and no optimiser sees, such as the moving statistics of a `BatchNorm`, are among the
//!   weights like all others.
//! * In a checkpoint, the kind of the optimiser names clipping and schedules, too (`adam clip_norm`), and the limit of a
//!   clipping follows the numbers of the optimiser that it wraps. The fingerprint says which weights are trained.
//!
//! A file of version 1 is refused with [`ModelError::Version`].

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

pub use crate::tensor::{Slice, SliceMut};
pub use error::{ModelError, Part};
pub use included::{File, Payload};
pub use layout::{decode, decode_any, encode, encode_any};
#[cfg(feature = "embedded-storage-v0_3")]
pub use save::Save;
pub use saved::Saved;
#[cfg(feature = "embedded-storage-v0_3")]
pub use slots::Slots;
#[cfg(feature = "embedded-storage-v0_3")]
pub use slots_error::SlotsError;
