//! A chain whose shapes fit. (One test that builds makes the others build, too: some asserts need more than a check.)
use baregrad::prelude::*;

type Net = chain![Dense<2, 8, Relu>, LayerNorm<8>, Dropout<99>, Dense<8, 4, Relu>, Activate<Tanh>, Dense<4, 1>];
type Model = Trainer<Net, MeanSquaredError, Adam, 8>;
const _: () = assert!(size_of::<Model>() <= 16 * 1024);

fn main() {
    let mut y = [0.0];
    Net::NEW.infer_one(&[1.0, 2.0], &mut y, &mut [0.0; Net::SCRATCH]);
}
