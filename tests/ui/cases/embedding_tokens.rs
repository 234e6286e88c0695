//! An embedding gives a vector for each of its 8 tokens, not 7.
use baregrad::prelude::*;

type Net = Embedding<[f32; 8], Sequence<7, 5>, 100>;

static NET: Net = Net::NEW;

fn main() {
    let mut y = [[0.0; 5]; 7];
    NET.infer_one(&[0.0; 8], &mut y, &mut []);
}
