//! A convolution with "same" padding needs steps that have not come yet.
use baregrad::{net::StreamMemory, prelude::*};

type Net = Conv1d<Sequence<8, 2>, Sequence<8, 4>, 3>;

static NET: Net = Net::NEW;

const MEMORY: StreamMemory<Net> = Net::MEMORY;

fn main() {
    NET.push(&mut { MEMORY }, &[0.0; 2]);
}
