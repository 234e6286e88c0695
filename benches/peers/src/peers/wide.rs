//! The functions that `wide` itself has.

use crate::rows::{Function, Peer, Run, buffer};
use wide::f32x16;

pub struct Wide;

impl Peer for Wide {
    fn column() -> String {
        super::version("wide")
    }

    fn activation(function: Function, x: &'static [f32; 1024]) -> Option<Run> {
        let one = f32x16::splat(1.0);
        match function {
            Function::Exp => map(x, f32x16::exp),
            Function::Tanh => map(x, f32x16::tanh),
            Function::Sigmoid => map(x, move |x| one / (one + (-x).exp())),
        }
    }
}

fn map(x: &'static [f32; 1024], f: impl Fn(f32x16) -> f32x16 + 'static) -> Option<Run> {
    Run::repeated(
        (x, buffer([0.0; 1024])),
        move |(x, y)| {
            for (x, y) in x.as_chunks::<16>().0.iter().zip(y.as_chunks_mut::<16>().0) {
                *y = f(f32x16::new(*x)).to_array();
            }
        },
        |(_, y), ()| y.to_vec(),
    )
}
