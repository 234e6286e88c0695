//! 100 % dropout.
use baregrad::prelude::*;

type Net = chain![Dense<2, 8>, Dropout<100>, Dense<8, 1>];

static NET: Net = Net::NEW;

fn main() {}
