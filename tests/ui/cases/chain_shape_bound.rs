//! The same in the middle of a longer chain, seen by a function.
use baregrad::prelude::*;

type Net = chain![Dense<2, 8, Relu>, LayerNorm<8>, Dense<16, 4, Relu>, Dense<4, 1>];

fn use_net<N: Network>(_: &N) {}

fn main() {
    use_net(&Net::NEW);
}
