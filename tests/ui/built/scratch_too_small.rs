//! One float less of scratch than the net needs.
use baregrad::prelude::*;

type Net = chain![Dense<2, 8, Tanh>, Dense<8, 1>];

fn main() {
    let mut y = [0.0];
    Net::NEW.infer_one(&[1.0, 2.0], &mut y, &mut [0.0; Net::SCRATCH - 1]);
}
