//! The output of a transposed convolution is longer than "same" padding makes it, and not as long as "valid" padding does.
use baregrad::{prelude::*, tensor::Sequence};

type Net = Conv1dTranspose<Sequence<32, 4>, Sequence<130, 6>, 8, 4>;

static NET: Net = Net::NEW;

fn main() {
    let mut y = [[0.0; 6]; 130];
    NET.infer_one(&[[0.0; 4]; 32], &mut y, &mut []);
}
