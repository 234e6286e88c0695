//! Training: errors, memory, callbacks, model files, and steps in pieces.

#[path = "../common/mod.rs"]
mod common;

mod callbacks;
mod errors;
mod memory;
mod model;
mod partial_training;
mod pieces;
