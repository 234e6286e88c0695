//! What must hold at every vector width and on every target: the kernels against f64, and the values of activations and losses.

#[path = "../common/mod.rs"]
mod common;

mod hostile;
mod int8;
mod math;
mod matmul;
mod slices;
mod values;
