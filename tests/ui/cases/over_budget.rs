//! A trainer that does not fit its budget.
use baregrad::prelude::*;

type Model = Trainer<Dense<64, 32, Relu>, MeanSquaredError, Adam, 8>;
const _: () = assert!(size_of::<Model>() <= 16 * 1024);

fn main() {}
