//! Training: errors, memory, callbacks, model files, and steps in pieces.

#[path = "../common/mod.rs"]
mod common;

mod budget;
mod callbacks;
mod data;
mod errors;
mod failures;
mod fresh;
mod handed;
mod int8;
mod memory;
mod model;
mod moving_statistics;
mod partial_training;
mod pieces;
mod recompute;
mod truncated;
