//! 2 and 3 numbers are not 6, in the net of a trainer.
use baregrad::prelude::*;

type Net = chain![Concat<Dense<4, 2>, Dense<4, 3>, 6>, Dense<6, 1>];
static MODEL: Trainer<Net, MeanSquaredError, Sgd, 1> = Trainer::untrained(MeanSquaredError, Sgd::new(0.1));

fn main() {}
