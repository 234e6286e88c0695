//! The same on samples of two axes.
use baregrad::prelude::*;

type Net = chain![Dense<2, 8>, Reshape<[[f32; 2]; 4]>, BatchNorm<4>, Flatten<8>];

fn use_net<N: Network>(_: &N) {}

fn main() {
    use_net(&Net::NEW);
}
