//! Nothing would be left to train.
use baregrad::prelude::*;

type Net = chain![Dense<4, 8, Relu>, Dense<8, 1>];
type Tuned = FreezeFirst<2, Net>;

fn main() {
    let _ = Tuned::NEW;
}
