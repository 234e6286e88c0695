//! A layer that gives several steps for one does not run on a stream.
use baregrad::prelude::*;

type Net = chain![Conv1d<Sequence<8, 2>, Sequence<7, 4>, 2>, UpSampling1d<Sequence<7, 4>, Sequence<14, 4>>];

fn main() {
    let mut memory = Net::MEMORY;
    Net::NEW.push(&mut memory, &[0.0; 2]);
}
