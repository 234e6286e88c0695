//! 12 numbers are not 4 places of 2 channels.
use baregrad::prelude::*;

type Net = chain![Dense<4, 12>, Reshape<[[f32; 2]; 4]>];

fn main() {
    let mut y = [[0.0; 2]; 4];
    Net::NEW.infer_one(&[0.0; 4], &mut y, &mut [0.0; Net::SCRATCH]);
}
