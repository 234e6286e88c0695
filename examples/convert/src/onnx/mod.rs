//! ONNX, both ways.

mod proto;
mod read;
mod tensor;
mod write;
