//! TensorFlow Lite's files.

mod file;
mod operator;
mod table;

pub use file::{File, Graph, Operator, Quantized, Tensor, Type};
pub use operator::{Fused, Kind, Window};
