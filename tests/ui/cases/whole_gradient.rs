//! The norm of a gradient that is not in memory.
use baregrad::{clipping::ClipNorm, prelude::*};

type Model = Trainer<Dense<2, 1>, MeanSquaredError, ClipNorm<Sgd>, 1>;
static MODEL: Model = Trainer::untrained(MeanSquaredError, ClipNorm::new(Sgd::new(0.1), 1.0));

fn main() {}
