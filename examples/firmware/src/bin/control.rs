//! An image that can panic, and so must not link without the feature `print`: it proves that the proof works.

#![no_std]
#![no_main]

use core::hint::black_box;

fn run() -> Result<bool, baregrad::Error> {
    Ok(black_box([0.5; 16])[black_box(3)] > 0.0)
}

firmware::program!(run);
