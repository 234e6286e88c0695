//! TensorFlow Lite's files.

mod file;
mod float;
mod operator;
mod table;
mod walk;

pub use file::{File, Graph, Operator, Quantized, Tensor, Type};
pub use operator::{Fused, Kind, Window};
