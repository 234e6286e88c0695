//! The output of a convolution is shorter than the input, and not as short as "valid" padding makes it.
use baregrad::{prelude::*, tensor::Sequence};

type Net = Conv1d<Sequence<128, 6>, Sequence<125, 16>, 5>;

static NET: Net = Net::NEW;

fn main() {
    let mut y = [[0.0; 16]; 125];
    NET.infer_one(&[[0.0; 6]; 128], &mut y, &mut []);
}
