// A model file of another net: `relu` there, `tanh` here.
use baregrad::prelude::*;

type Net = chain![Dense<2, 2, Tanh>, Dense<2, 1, Sigmoid>];
static NET: Net = baregrad::include_model!(Net, "../reference/xor.bgrd");

fn main() {
    assert_eq!(NET.1.b, [0.0]);
}
