//! Samples of three numbers, for a net that takes two.
use baregrad::prelude::*;

fn main() {
    let mut model = Trainer::<Dense<2, 1>, MeanSquaredError, Sgd, 1>::untrained(MeanSquaredError, Sgd::new(0.1));
    let _ = model.fit(&[[1.0, 2.0, 3.0]], &[[1.0]], &Fit::default());
}
