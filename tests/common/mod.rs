//! What tests share.
#![allow(dead_code, unused_imports)] // each binary uses a part of it

pub mod cases;
pub mod catalogue;
pub mod checker;
pub mod gain;
pub mod naive;
pub mod numbers;
pub mod passes;
pub mod reference;
pub mod runs;
pub mod weights;
