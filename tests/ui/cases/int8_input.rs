//! Floats are no int8: `set` quantizes them.
use baregrad::int8::{Dense, Layer, Memory};

fn infer(net: &Dense<2, 1>) {
    let mut memory = Memory::<Dense<2, 1>, 3>::NEW;
    net.input(&mut memory).set_int8(&[0.5, 1.0]);
    net.infer(&mut memory);
}

fn main() {
    let _ = infer;
}
