//! 2 and 3 numbers are not 6.
use baregrad::prelude::*;

type Net = Concat<Dense<4, 2>, Dense<4, 3>, 6>;

fn main() {
    let mut y = [0.0; 6];
    Net::NEW.infer_one(&[0.0; 4], &mut y, &mut [0.0; Net::SCRATCH]);
}
