//! A step whose error is unwrapped, or, without the feature `unwrap`, one whose error is a panic with a message. The report
//! compares the two images. It only links them.

#![no_std]
#![no_main]

use baregrad::prelude::*;
use core::hint::black_box;

type Model = Trainer<chain![Dense<4, 8, Tanh>, Dense<8, 1>], MeanSquaredError, Adam, 1>;

/// Not by `board::run`, which prints errors in both.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let mut model = Model::untrained(MeanSquaredError, Adam::new(1e-3));
    let step = model.step(&black_box([[0.5; 4]]), &black_box([[1.0]]));
    #[cfg(feature = "unwrap")]
    step.unwrap();
    #[cfg(not(feature = "unwrap"))]
    if step.is_err() {
        panic!("a step failed");
    }
    firmware::board::fail()
}
