//! TensorFlow Lite's files.

mod file;
mod float;
mod int8;
mod operator;
mod source;
mod states;
mod table;
mod tables;
mod walk;
mod windows;

pub use file::{File, Graph, Operator, Quantized, Tensor, Type};
pub use int8::Int8;
pub use operator::{Fused, Kind, Window};
