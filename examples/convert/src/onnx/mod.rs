//! ONNX, read and written.

mod activations;
mod attributes;
mod constants;
mod directions;
mod external;
mod places;
mod proto;
mod read;
mod reader;
mod rows;
mod states;
mod steps;
mod tensor;
mod view;
mod write;
mod write_recurrent;
