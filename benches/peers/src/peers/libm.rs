//! The functions of `libm`, which is what `no_std` crates have without `wide`.

use super::plain_rust::map;
use crate::rows::{Function, Peer, Run};

pub struct Libm;

impl Peer for Libm {
    fn column() -> String {
        super::version("libm")
    }

    fn activation(function: Function, x: &'static [f32; 1024]) -> Option<Run> {
        match function {
            Function::Exp => map(x, libm::expf),
            Function::Tanh => map(x, libm::tanhf),
            Function::Sigmoid => map(x, |x| 1.0 / (1.0 + libm::expf(-x))),
        }
    }
}
