//! A batch normalisation of another number of channels than the layer before has outputs.
use baregrad::prelude::*;

type Net = chain![Dense<2, 8>, BatchNorm<6, Relu>, Dense<8, 1>];

fn main() {
    let _ = Trainer::<Net, MeanSquaredError, Adam, 4>::new(&mut Sfc32::seed_from_u64(1));
}
