//! Const-generic arrays and plain loops: what ratios are to.

use crate::Aligned;
use crate::nets::{Gated, GatedStream, Memory, MemoryStream, OnStream};
use crate::plain::{self, Classifier, Dense, Regressor, Trained};
use crate::plain_convolutions::{Twin, push};
use crate::plain_recurrent::{Plain, PlainGru, PlainLstm, PlainSequences, PlainStream};
use crate::rows::{Function, Peer, Run, buffer, keep};
use baregrad::tensor::{Sequence, Tensor, Zero};

pub struct PlainRust;

fn trained<const I: usize, const O: usize>(layer: &Dense<I, O>) -> Trained<I, O> {
    Trained::new(layer.w, layer.b)
}

impl Peer for PlainRust {
    fn column() -> String {
        "plain Rust".into()
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        let layer = Dense { w: *b, b: [0.0; N] };
        Run::repeated(
            (a, keep(layer), buffer([[0.0; N]; N])),
            |(a, layer, c)| {
                for (a, c) in a.iter().zip(c.iter_mut()) {
                    layer.forward(a, c, plain::identity);
                }
            },
            |(.., c), ()| c.as_flattened().to_vec(),
        )
    }

    fn v64(x: &'static [f32; 64], layer: &'static Dense<64, 64>) -> Option<Run> {
        Run::repeated(
            (x, layer, buffer([0.0; 64])),
            |(x, layer, y)| layer.forward(x, y, plain::identity),
            |(.., y), ()| y.to_vec(),
        )
    }

    fn i1(x: &'static [f32; 2], net: &'static (Dense<2, 2>, Dense<2, 1>)) -> Option<Run> {
        let call = |(x, net): &mut (&[f32; 2], &(Dense<2, 2>, Dense<2, 1>))| {
            let (mut h, mut y) = ([0.0; 2], [0.0; 1]);
            net.0.forward(x, &mut h, plain::relu);
            net.1.forward(&h, &mut y, plain::sigmoid);
            y
        };
        Run::repeated((x, net), call, |_, y| y.to_vec())
    }

    fn i2(x: &'static [f32; 16], net: &'static (Dense<16, 64>, Dense<64, 64>, Dense<64, 8>)) -> Option<Run> {
        let call = |(x, net): &mut (&[f32; 16], &(Dense<16, 64>, Dense<64, 64>, Dense<64, 8>))| {
            let (mut h, mut g, mut y) = ([0.0; 64], [0.0; 64], [0.0; 8]);
            net.0.forward(x, &mut h, f32::tanh);
            net.1.forward(&h, &mut g, f32::tanh);
            net.2.forward(&g, &mut y, plain::identity);
            y
        };
        Run::repeated((x, net), call, |_, y| y.to_vec())
    }

    fn i3<const B: usize>(x: &'static [[f32; 784]; B], net: &'static (Dense<784, 128>, Dense<128, 10>)) -> Option<Run> {
        Run::repeated(
            (x, net, buffer([[0.0; 10]; B])),
            |(x, net, y)| {
                for (x, y) in x.iter().zip(y.iter_mut()) {
                    let mut h = [0.0; 128];
                    net.0.forward(x, &mut h, plain::relu);
                    net.1.forward(&h, y, plain::identity);
                    plain::softmax(y);
                }
            },
            |(.., y), ()| y.as_flattened().to_vec(),
        )
    }

    fn c1(x: &'static [[f32; 4]; 64], net: &'static OnStream) -> Option<Run> {
        let (last, before) = x.split_last()?;
        let window = buffer([[0.0; 4]; 5]);
        window.copy_from_slice(&before[before.len() - 5..]);
        Run::repeated(
            (last, net, window, buffer([0.0; 8])),
            |(x, net, window, y)| **y = push(window, x, &net.w, &net.b),
            |(.., y), ()| y.to_vec(),
        )
    }

    fn net<N: Twin + 'static>(x: &'static N::Input, net: &'static N) -> Option<Run> {
        Run::repeated(
            (x, net, buffer(N::Y::ZERO), buffer(N::Work::ZERO)),
            |(x, net, y, work)| net.plain(x, y, work),
            |(_, _, y, _), ()| y.flat().to_vec(),
        )
    }

    fn r1(x: &'static Sequence<64, 1>, net: &'static MemoryStream) -> Option<Run> {
        on_stream(x, PlainStream::new(PlainLstm::<33>::new(&net.0.w, &net.0.u, &net.0.b), &net.1))
    }

    fn r2(x: &'static Sequence<64, 1>, net: &'static GatedStream) -> Option<Run> {
        on_stream(x, PlainStream::new(PlainGru::new(&net.0.w, &net.0.u, &net.0.b), &net.1))
    }

    fn r3<const B: usize>(x: &'static [Sequence<64, 6>; B], t: &'static [u8; B], net: &'static Gated) -> Option<Run> {
        sequences(x, t, || PlainSequences::gated(net))
    }

    fn r4<const B: usize>(x: &'static [Sequence<64, 6>; B], t: &'static [u8; B], net: &'static Memory) -> Option<Run> {
        sequences(x, t, || PlainSequences::memory(net))
    }

    fn t1(
        x: &'static [[f32; 2]; 4],
        t: &'static [[f32; 1]; 4],
        net: &'static (Dense<2, 2>, Dense<2, 1>),
    ) -> Option<Run> {
        Run::repeated(
            (x, t, net),
            |(x, t, net)| plain::xor(&mut trained(&net.0), &mut trained(&net.1), x, t),
            |_, loss| vec![loss],
        )
    }

    fn classifier<const I: usize, const H: usize, const B: usize>(
        x: &'static [[f32; I]; B],
        t: &'static [u8; B],
        net: &'static (Dense<I, H>, Dense<H, 10>),
    ) -> Option<Run> {
        Run::training(
            move || {
                let model = Classifier::<I, H, 10, B>::new(trained(&net.0), trained(&net.1));
                (x, t, Box::new(Aligned(model)))
            },
            |(x, t, model)| model.0.step(x, t),
        )
    }

    fn t4(x: &'static [f32; 16], t: &'static [f32; 4], net: &'static (Dense<16, 32>, Dense<32, 4>)) -> Option<Run> {
        Run::training(
            move || (x, t, Box::new(Aligned(Regressor::new(trained(&net.0), trained(&net.1))))),
            |(x, t, model)| model.0.step(x, t),
        )
    }

    fn activation(function: Function, x: &'static [f32; 1024]) -> Option<Run> {
        match function {
            Function::Exp => map(x, f32::exp),
            Function::Tanh => map(x, f32::tanh),
            Function::Sigmoid => map(x, plain::sigmoid),
        }
    }
}

/// The last of these steps, after the others.
fn on_stream<L: Plain<1> + 'static>(x: &'static Sequence<64, 1>, net: PlainStream<L>) -> Option<Run> {
    let ((last, before), net) = (x.split_last()?, buffer(net));
    for x in before {
        net.push(x);
    }
    Run::repeated((last, net, buffer([0.0; 1])), |(x, net, y)| **y = net.push(x), |(.., y), ()| y.to_vec())
}

/// A training step of a net that classifies.
fn sequences<L: Plain<6> + 'static, const B: usize>(
    x: &'static [Sequence<64, 6>; B],
    t: &'static [u8; B],
    start: impl Fn() -> PlainSequences<L> + 'static,
) -> Option<Run> {
    Run::training(move || (x, t, Box::new(Aligned(start()))), |(x, t, model)| model.0.step(*x, *t))
}

/// A function of each number.
pub fn map(x: &'static [f32; 1024], f: impl Fn(f32) -> f32 + 'static) -> Option<Run> {
    Run::repeated(
        (x, buffer([0.0; 1024])),
        move |(x, y)| {
            for (x, y) in x.iter().zip(y.iter_mut()) {
                *y = f(*x);
            }
        },
        |(_, y), ()| y.to_vec(),
    )
}
