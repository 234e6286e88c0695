//! A layer that runs backwards needs the last step first, which has not come yet.
use baregrad::{net::StreamMemory, prelude::*};

type Net = Bidirectional<Gru<Sequence<8, 3>, Sequence<8, 5>>, 10>;

static NET: Net = Net::NEW;

const MEMORY: StreamMemory<Net> = Net::MEMORY;

fn main() {
    NET.push(&mut { MEMORY }, &[0.0; 3]);
}
