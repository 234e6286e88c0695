//! A layer takes 4 numbers, but the one before gives 8.
use baregrad::prelude::*;

type Net = chain![Dense<2, 8, Tanh>, Dense<4, 1>];

fn main() {
    let _ = Trainer::<Net, MeanSquaredError, Sgd, 1>::untrained(MeanSquaredError, Sgd::new(0.1));
}
