//! Nets of Keras, PyTorch, ONNX and TensorFlow Lite into [baregrad](https://github.com/baregrad/baregrad), and out of it, on a host.
//!
//! [`load_safetensors`] and [`save_safetensors`] are for a net whose type the program knows. A [`Model`] is a net whose layers
//! are known from a file: of Keras ([`Model::of_keras`], [`Model::of_h5`]), ONNX ([`Model::of_onnx_file`])
//! or TensorFlow Lite ([`Model::of_tflite`]). It gives Rust source for firmware
//! ([`Model::to_rust`]), baregrad's own file ([`Model::to_bytes`]), safetensors ([`Model::to_safetensors`]) and ONNX
//! ([`Model::to_onnx`]), or its weights to a net of the same layers ([`Model::load_into`]).
//!
//! A net of integers is [`tflite::Int8`], which is Rust source.
//!
//! What baregrad has no layer for is refused, by the name of the layer or node. What is read can be written in every form. Every
//! reader states how much it allocates.

#![warn(missing_docs)]
// Formats share code, which is not all needed with some of them.
#![cfg_attr(not(all(feature = "keras", feature = "onnx", feature = "tflite")), allow(dead_code))]

mod activation;
mod builder;
mod error;
mod floats;
mod form;
mod graph;
#[cfg(feature = "keras")]
mod keras;
mod layer;
mod model;
mod names;
#[cfg(feature = "onnx")]
mod onnx;
mod recurrent;
mod rust;
mod state_dict;
#[cfg(feature = "tflite")]
pub mod tflite;
mod types;

pub use activation::Activation;
pub use error::{Error, Unsupported};
pub use layer::{Conv, Layer, Merge, Resizing, Statistic};
pub use model::{Model, Tensor};
pub use names::NameMap;
pub use recurrent::{Cell, Recurrent};
pub use state_dict::{load_safetensors, save_safetensors};
