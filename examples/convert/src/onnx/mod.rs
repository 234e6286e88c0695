//! ONNX, read and written.

mod attributes;
mod external;
mod proto;
mod read;
mod tensor;
mod write;
