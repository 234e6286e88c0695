//! The rows of the table: what a peer does with them, and their data.

use crate::Aligned;
use crate::nets::{Gated, GatedStream, Memory, MemoryStream, OnStream};
use crate::plain::Dense;
use crate::plain_convolutions::Twin;
use baregrad::tensor::Sequence;
use cpu_time::ProcessTime;
use std::hint::black_box;
use std::time::Duration;

/// Samples of a large batch.
pub const BATCH: usize = 32;
/// Steps whose losses are compared before training is timed.
pub const STEPS: usize = 10;

/// A function of row A1.
#[derive(Clone, Copy, Debug)]
pub enum Function {
    Exp,
    Tanh,
    Sigmoid,
}

/// A library on these rows. Data live as long as the program; a row that a library cannot do is `None`.
pub trait Peer {
    /// Its name, with the version if it has one.
    fn column() -> String;

    /// M8 to M128: `a · b`.
    fn matmul<const N: usize>(_a: &'static [[f32; N]; N], _b: &'static [[f32; N]; N]) -> Option<Run> {
        None
    }

    /// V64.
    fn v64(_x: &'static [f32; 64], _layer: &'static Dense<64, 64>) -> Option<Run> {
        None
    }

    /// I1: relu, sigmoid.
    fn i1(_x: &'static [f32; 2], _net: &'static (Dense<2, 2>, Dense<2, 1>)) -> Option<Run> {
        None
    }

    /// I2: tanh, tanh, linear.
    fn i2(_x: &'static [f32; 16], _net: &'static (Dense<16, 64>, Dense<64, 64>, Dense<64, 8>)) -> Option<Run> {
        None
    }

    /// I3, I3b2, I3b3 and I3B: relu, softmax.
    fn i3<const B: usize>(
        _x: &'static [[f32; 784]; B],
        _net: &'static (Dense<784, 128>, Dense<128, 10>),
    ) -> Option<Run> {
        None
    }

    /// C1: the last of these steps, after the others.
    fn c1(_x: &'static [[f32; 4]; 64], _net: &'static OnStream) -> Option<Run> {
        None
    }

    /// C2 to C4, N1 and N2: one sample.
    fn net<N: Twin + 'static>(_x: &'static N::Input, _net: &'static N) -> Option<Run> {
        None
    }

    /// R1: the last of these steps, after the others.
    fn r1(_x: &'static Sequence<64, 1>, _net: &'static MemoryStream) -> Option<Run> {
        None
    }

    /// R2: the same.
    fn r2(_x: &'static Sequence<64, 1>, _net: &'static GatedStream) -> Option<Run> {
        None
    }

    /// R3 and R3b1: softmax cross-entropy, Adam.
    fn r3<const B: usize>(
        _x: &'static [Sequence<64, 6>; B],
        _t: &'static [u8; B],
        _net: &'static Gated,
    ) -> Option<Run> {
        None
    }

    /// R4 and R4b1: the same.
    fn r4<const B: usize>(
        _x: &'static [Sequence<64, 6>; B],
        _t: &'static [u8; B],
        _net: &'static Memory,
    ) -> Option<Run> {
        None
    }

    /// T1: relu, sigmoid; binary cross-entropy, Adam; `EPOCHS` epochs in order, batch size 1.
    fn t1(
        _x: &'static [[f32; 2]; 4],
        _t: &'static [[f32; 1]; 4],
        _net: &'static (Dense<2, 2>, Dense<2, 1>),
    ) -> Option<Run> {
        None
    }

    /// T2, T2b1 and T3: relu, linear; softmax cross-entropy, Adam.
    fn classifier<const I: usize, const H: usize, const B: usize>(
        _x: &'static [[f32; I]; B],
        _t: &'static [u8; B],
        _net: &'static (Dense<I, H>, Dense<H, 10>),
    ) -> Option<Run> {
        None
    }

    /// T4: tanh, linear; mean squared error, Adam.
    fn t4(_x: &'static [f32; 16], _t: &'static [f32; 4], _net: &'static (Dense<16, 32>, Dense<32, 4>)) -> Option<Run> {
        None
    }

    /// A1.
    fn activation(_function: Function, _x: &'static [f32; 1024]) -> Option<Run> {
        None
    }
}

/// A peer on a row: what it computed, and how to time it.
pub struct Run {
    /// To compare with other peers'.
    pub result: Vec<f32>,
    /// The time of so many calls.
    pub turn: Box<dyn FnMut(u32) -> Duration>,
}

impl Run {
    /// `call` does the same each time; `read` gives the floats that it computed.
    pub fn repeated<S: 'static, T>(
        mut state: S,
        call: impl Fn(&mut S) -> T + 'static,
        read: impl Fn(&S, T) -> Vec<f32>,
    ) -> Option<Run> {
        let output = call(&mut state);
        let result = read(&state, output);
        Some(Run { result, turn: Box::new(move |calls| time(&mut state, &call, calls)) })
    }

    /// `step` changes the state and gives its loss. Every turn begins with a new state, so that no net is timed that
    /// has learnt all there is to learn; its first step is not timed.
    pub fn training<S>(start: impl Fn() -> S + 'static, step: impl Fn(&mut S) -> f32 + 'static) -> Option<Run> {
        let mut state = start();
        let result = (0..STEPS).map(|_| step(&mut state)).collect();
        let turn = move |calls| {
            let mut state = start();
            step(&mut state);
            time(&mut state, &step, calls)
        };
        Some(Run { result, turn: Box::new(turn) })
    }
}

/// The time of the process, without what other programs take of the core. The compiler knows nothing of the state, nor
/// of what becomes of the output.
fn time<S, T>(state: &mut S, call: impl Fn(&mut S) -> T, calls: u32) -> Duration {
    let start = ProcessTime::now();
    for _ in 0..calls {
        black_box(call(black_box(state)));
    }
    start.elapsed()
}

/// Deterministic numbers in [-1, 1), the same as in `peers.py` and `native/peer.hpp`.
pub fn numbers<const N: usize, const M: usize>(seed: u32) -> Box<[[f32; N]; M]> {
    let mut all = vec![[0.0; N]; M];
    fill(all.as_flattened_mut(), seed);
    all.into_boxed_slice().try_into().unwrap()
}

/// The same in memory that is there.
pub fn fill(all: &mut [f32], seed: u32) {
    let mut state = seed;
    for x in all {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = (state >> 8) as f32 / 8_388_608.0 - 1.0;
    }
}

/// A layer to infer with.
pub fn trained<const I: usize, const O: usize>(seed: u32) -> Dense<I, O> {
    let scale = 2.0 / (I as f32).sqrt();
    Dense { w: numbers::<O, I>(seed).map(|row| row.map(|w| w * scale)), b: numbers::<O, 1>(seed + 1)[0] }
}

/// A layer to train: Glorot-like weights, zero biases.
pub fn untrained<const I: usize, const O: usize>(seed: u32) -> Dense<I, O> {
    let scale = (6.0 / (I + O) as f32).sqrt();
    Dense { w: numbers::<O, I>(seed).map(|row| row.map(|w| w * scale)), b: [0.0; O] }
}

/// For data that live as long as the program.
pub fn keep<T>(value: T) -> &'static T {
    buffer(value)
}

/// For results that do.
pub fn buffer<T>(value: T) -> &'static mut T {
    &mut Box::leak(Box::new(Aligned(value))).0
}
