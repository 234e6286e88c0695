//! One byte less of memory than the int8 net needs.
use baregrad::chain;
use baregrad::int8::{Dense, Layer, Memory};

type Net = chain![Dense<3, 2>, Dense<2, 1>];

fn main() {
    let _ = Memory::<Net, { Net::ARENA - 1 }>::NEW;
}
