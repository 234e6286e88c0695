//! Branches that cannot be added.
use baregrad::prelude::*;

type Net = Sum<Dense<4, 8>, Dense<4, 6>>;

fn use_net<N: Network>(_: &N) {}

fn main() {
    use_net(&Net::NEW);
}
