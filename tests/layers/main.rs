//! What must hold for every layer of the catalogue, and for compositions of them.

#[path = "../common/mod.rs"]
mod common;

mod beside;
mod compositions;
mod convolutions;
mod coverage;
mod embedding;
mod gradients;
mod recurrent;
mod saliency;
mod streams;
mod tensors;
mod ways;
