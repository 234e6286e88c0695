//! A recurrent layer gives a state for each of its 8 steps, not 7.
use baregrad::prelude::*;

type Net = Gru<Sequence<8, 3>, Sequence<7, 5>>;

static NET: Net = Net::NEW;

fn main() {
    let mut y = [[0.0; 5]; 8];
    NET.infer_one(&[[0.0; 3]; 8], &mut y, &mut []);
}
