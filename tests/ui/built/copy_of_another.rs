//! Weights of a net of another architecture.
use baregrad::prelude::*;

fn main() {
    let mut net = <chain![Dense<4, 8, Relu>, Dense<8, 1>]>::NEW;
    net.copy_from(&<chain![Dense<4, 8, Tanh>, Dense<8, 1>]>::NEW);
}
