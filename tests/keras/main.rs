//! Agreement with Keras and PyTorch: `tests/reference/README.md` says what the numbers are.

#[path = "../common/mod.rs"]
mod common;

mod batch_norm;
mod metrics;
mod options;
mod page;
mod schedules;
mod training;
