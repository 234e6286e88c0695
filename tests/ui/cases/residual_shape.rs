//! A residual block that takes 8 numbers and gives 6.
use baregrad::prelude::*;

type Net = chain![Dense<4, 8, Relu>, Residual<Dense<8, 6>>, Dense<6, 1>];

fn use_net<N: Network>(_: &N) {}

fn main() {
    use_net(&Net::NEW);
}
