//! An allocator that ends the program when a decoder takes more than the bound that its documentation states.

use cap::Cap;
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Runs a decoder that may allocate `bound` bytes at most.
pub fn bounded(bound: usize, decode: impl FnOnce()) {
    ALLOCATOR.set_limit(ALLOCATOR.allocated() + bound).expect("no more than that is allocated");
    decode();
    ALLOCATOR.set_limit(usize::MAX).expect("no more than that is allocated");
}
