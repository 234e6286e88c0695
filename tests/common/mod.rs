//! What tests and benches share.
#![allow(dead_code)] // each test uses a part of it

pub mod cases;
pub mod catalogue;
pub mod naive;
pub mod naive_losses;
pub mod naive_optimizers;
pub mod numbers;
pub mod reference;
pub mod weights;
