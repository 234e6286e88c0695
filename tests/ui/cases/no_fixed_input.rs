//! The first layer takes samples of any shape.
use baregrad::prelude::*;

type Net = chain![Activate<Tanh>, Dense<8, 1>];

fn main() {
    let _ = Trainer::<Net, MeanSquaredError, Sgd, 1>::untrained(MeanSquaredError, Sgd::new(0.1));
}
