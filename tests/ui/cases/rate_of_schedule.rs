//! A callback that sets the learning rate, and an optimiser that takes it from a schedule.
use baregrad::prelude::*;

fn main() {
    let sgd = Scheduled::new(Sgd::new(0.1), ConstantRate(0.1));
    let mut model = Trainer::<Dense<1, 1>, MeanSquaredError, _, 1>::untrained(MeanSquaredError, sgd);
    let _ = model.fit_callbacks(Data::new(&[[1.0]], &[[2.0]]), &Fit::default(), ReduceOnPlateau::new());
}
