//! Nets of int8 beside TensorFlow Lite Micro's reference kernels, byte for byte: what must hold on every target.

mod case;
mod ends;
mod operators;
