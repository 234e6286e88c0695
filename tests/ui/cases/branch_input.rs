//! Both branches take the same input.
use baregrad::prelude::*;

type Net = Concat<Dense<4, 8>, Dense<5, 8>, 16>;

fn use_net<N: Network>(_: &N) {}

fn main() {
    use_net(&Net::NEW);
}
