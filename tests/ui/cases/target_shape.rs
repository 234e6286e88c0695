//! The targets have two numbers, the net gives one.
use baregrad::prelude::*;

fn main() {
    let mut model = Trainer::<Dense<2, 1>, MeanSquaredError, Sgd, 1>::untrained(MeanSquaredError, Sgd::new(0.1));
    let _ = model.step(&[[1.0, 2.0]], &[[1.0, 2.0]]);
}
