//! This project, through its public interface.

use crate::Aligned;
use crate::nets::{Gated, GatedStream, Memory, MemoryStream, OnStream};
use crate::plain;
use crate::plain_convolutions::Twin;
use crate::rows::{Function, Peer, Run, buffer, keep};
use baregrad::activations::{Lanes, No, math};
use baregrad::net::StreamLayer;
use baregrad::prelude::*;
use baregrad::tensor::{Steps, Tensor, Zero};
use std::slice::from_ref;

pub struct Baregrad;

fn layer<const I: usize, const O: usize, A>(layer: &plain::Dense<I, O>) -> Dense<I, O, A> {
    Dense::from_weights(layer.w, layer.b)
}

impl Peer for Baregrad {
    fn column() -> String {
        super::version("baregrad") + if cfg!(feature = "dispatch") { " with dispatch" } else { "" }
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        Run::repeated(
            (a, keep(Dense::<N, N>::from_weights(*b, [0.0; N])), buffer([[0.0; N]; N])),
            |(a, layer, c)| layer.infer_batch(*a, *c, &mut []).unwrap(),
            |(.., c), ()| c.as_flattened().to_vec(),
        )
    }

    fn v64(x: &'static [f32; 64], weights: &'static plain::Dense<64, 64>) -> Option<Run> {
        Run::repeated(
            (x, keep(layer::<64, 64, Linear>(weights)), buffer([0.0; 64])),
            |(x, layer, y)| layer.infer_one(x, y, &mut []),
            |(.., y), ()| y.to_vec(),
        )
    }

    fn i1(x: &'static [f32; 2], net: &'static (plain::Dense<2, 2>, plain::Dense<2, 1>)) -> Option<Run> {
        type Net = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
        let net: Net = Chain(layer(&net.0), layer(&net.1));
        let call = |(x, net): &mut (&[f32; 2], &Net)| {
            let mut y = [0.0; 1];
            net.infer_one(x, &mut y, &mut [0.0; Net::SCRATCH]);
            y
        };
        Run::repeated((x, keep(net)), call, |_, y| y.to_vec())
    }

    fn i2(
        x: &'static [f32; 16],
        net: &'static (plain::Dense<16, 64>, plain::Dense<64, 64>, plain::Dense<64, 8>),
    ) -> Option<Run> {
        type Net = chain![Dense<16, 64, Tanh>, Dense<64, 64, Tanh>, Dense<64, 8>];
        let net: Net = Chain(layer(&net.0), Chain(layer(&net.1), layer(&net.2)));
        let call = |(x, net): &mut (&[f32; 16], &Net)| {
            let mut y = [0.0; 8];
            net.infer_one(x, &mut y, &mut [0.0; Net::SCRATCH]);
            y
        };
        Run::repeated((x, keep(net)), call, |_, y| y.to_vec())
    }

    fn i3<const B: usize>(
        x: &'static [[f32; 784]; B],
        net: &'static (plain::Dense<784, 128>, plain::Dense<128, 10>),
    ) -> Option<Run> {
        type Net = chain![Dense<784, 128, Relu>, Dense<128, 10, Softmax>];
        let net: Net = Chain(layer(&net.0), layer(&net.1));
        Run::repeated(
            (x, keep(net), buffer([[0.0; 10]; B]), buffer([[0.0; Net::SCRATCH]; B])),
            |(x, net, y, scratch)| net.infer_batch(*x, *y, scratch.as_flattened_mut()).unwrap(),
            |(_, _, y, _), ()| y.as_flattened().to_vec(),
        )
    }

    fn c1(x: &'static [[f32; 4]; 64], net: &'static OnStream) -> Option<Run> {
        on_stream::<Sequence<64, 4>, _>(x, net)
    }

    fn net<N: Twin + 'static>(x: &'static N::Input, net: &'static N) -> Option<Run> {
        Run::repeated(
            (from_ref(x), net, buffer([N::Y::ZERO]), vec![0.0; N::SCRATCH]),
            |(x, net, y, scratch)| net.infer_batch(x, *y, scratch).unwrap(),
            |(_, _, y, _), ()| y[0].flat().to_vec(),
        )
    }

    fn r1(x: &'static Sequence<64, 1>, net: &'static MemoryStream) -> Option<Run> {
        on_stream::<Sequence<64, 1>, _>(x, net)
    }

    fn r2(x: &'static Sequence<64, 1>, net: &'static GatedStream) -> Option<Run> {
        on_stream::<Sequence<64, 1>, _>(x, net)
    }

    fn r3<const B: usize>(x: &'static [Sequence<64, 6>; B], t: &'static [u8; B], net: &'static Gated) -> Option<Run> {
        sequences(x, t, net)
    }

    fn r4<const B: usize>(x: &'static [Sequence<64, 6>; B], t: &'static [u8; B], net: &'static Memory) -> Option<Run> {
        sequences(x, t, net)
    }

    fn t1(
        x: &'static [[f32; 2]; 4],
        t: &'static [[f32; 1]; 4],
        net: &'static (plain::Dense<2, 2>, plain::Dense<2, 1>),
    ) -> Option<Run> {
        // As plain Rust's, the gradient of the last layer's sum is σ − t: the loss is on logits.
        type Xor = chain![Dense<2, 2, Relu>, Dense<2, 1>];
        const FIT: Fit = Fit { epochs: 1000, batch_size: 1, shuffle: false };
        Run::repeated(
            (x, t, net),
            |(x, t, net)| {
                let mut model =
                    Trainer::<Xor, BinaryCrossEntropy<Logits>, Adam, 1>::untrained(Default::default(), Adam::default());
                model.net = Chain(layer(&net.0), layer(&net.1));
                model.fit(*x, *t, &FIT).unwrap().loss
            },
            |_, loss| vec![loss],
        )
    }

    fn classifier<const I: usize, const H: usize, const B: usize>(
        x: &'static [[f32; I]; B],
        t: &'static [u8; B],
        net: &'static (plain::Dense<I, H>, plain::Dense<H, 10>),
    ) -> Option<Run> {
        type Model<const I: usize, const H: usize, const B: usize> =
            Trainer<chain![Dense<I, H, Relu>, Dense<H, 10>], SparseCategoricalCrossEntropy<Logits>, Adam, B>;
        Run::training(
            move || {
                let model = Model::<I, H, B>::untrained(Default::default(), Adam::default());
                let mut model = Box::new(Aligned(model));
                model.0.net = Chain(layer(&net.0), layer(&net.1));
                (x, t, model)
            },
            |(x, t, model)| model.0.step(*x, *t).unwrap(),
        )
    }

    fn t4(
        x: &'static [f32; 16],
        t: &'static [f32; 4],
        net: &'static (plain::Dense<16, 32>, plain::Dense<32, 4>),
    ) -> Option<Run> {
        type Model = Trainer<chain![Dense<16, 32, Tanh>, Dense<32, 4>], MeanSquaredError, Adam, 1>;
        Run::training(
            move || {
                let mut model = Box::new(Aligned(Model::untrained(MeanSquaredError, Adam::default())));
                model.0.net = Chain(layer(&net.0), layer(&net.1));
                ([*x], [*t], model)
            },
            |(x, t, model)| model.0.step(x, t).unwrap(),
        )
    }

    fn activation(function: Function, x: &'static [f32; 1024]) -> Option<Run> {
        match function {
            Function::Exp => map::<Exp>(x),
            Function::Tanh => map::<Tanh>(x),
            Function::Sigmoid => map::<Sigmoid>(x),
        }
    }
}

/// The last of these steps, after the others.
fn on_stream<X: Steps, N: StreamLayer<X>>(x: &'static [X::Step], net: &'static N) -> Option<Run> {
    let (last, before) = x.split_last()?;
    let memory = buffer(N::Memory::ZERO);
    for x in before {
        net.step(memory, x);
    }
    Run::repeated(
        (last, net, memory, buffer(None)),
        |(x, net, memory, y)| **y = net.step(memory, x),
        |(.., y), ()| y.as_ref().unwrap().flat().to_vec(),
    )
}

/// A training step of a net that classifies.
fn sequences<N: Network + Clone, const B: usize>(
    x: &'static [N::Input; B],
    t: &'static [u8; B],
    net: &'static N,
) -> Option<Run>
where
    SparseCategoricalCrossEntropy<Logits>: Loss<N::Y, u8>,
{
    Run::training(
        move || {
            let loss = SparseCategoricalCrossEntropy::<Logits>::default();
            (x, t, Box::new(Aligned(Trainer::<N, _, _, B>::of(net.clone(), loss, Adam::default()))))
        },
        |(x, t, model)| model.0.step(*x, *t).unwrap(),
    )
}

fn map<A: Activation>(x: &'static [f32; 1024]) -> Option<Run> {
    use baregrad::net::Layer;
    Run::repeated(
        (std::slice::from_ref(x), buffer([[0.0; 1024]])),
        |(x, y)| Activate::<A>::NEW.infer(x, *y, &mut []),
        |(_, y), ()| y.as_flattened().to_vec(),
    )
}

/// An activation of one's own.
struct Exp;

impl Activation for Exp {
    const NAME: &'static str = "exponential";
    type FromInput = No;

    fn value<V: Lanes>(z: V) -> V {
        math::exp(z)
    }

    fn slope<V: Lanes>(y: V) -> V {
        y
    }
}
