//! What only features bring: without them there is nothing to test here.

#[cfg(feature = "rayon")]
#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "std")]
mod boxed;
#[cfg(feature = "dispatch")]
mod dispatch;
#[cfg(feature = "embedded-storage-v0_3")]
mod flash;
#[cfg(feature = "std")]
mod history;
#[cfg(feature = "rayon")]
mod parallel;
#[cfg(feature = "embedded-storage-v0_3")]
mod power_cuts;
#[cfg(feature = "serde")]
mod serde;
#[cfg(feature = "embedded-storage-v0_3")]
mod slots;
