//! ONNX, read and written.

mod activations;
mod attributes;
mod external;
mod proto;
mod read;
mod tensor;
mod write;
