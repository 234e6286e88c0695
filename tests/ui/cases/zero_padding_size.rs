//! 6 places with 2 before them are not 7.
use baregrad::prelude::*;
use baregrad::tensor::Sequence;

type Net = chain![ZeroPadding1d<Sequence<6, 2>, Sequence<7, 2>, 2>, Flatten<14>, Dense<14, 1>];

static NET: Net = Net::NEW;

fn main() {}
