//! Dfdx: shapes as types, on the heap. Its Adam adds ε as PyTorch does.

use crate::plain::Dense;
use crate::rows::{Function, Peer, Run};
use dfdx::nn::modules;
use dfdx::optim::Adam;
use dfdx::prelude::*;

pub struct Dfdx;

type Layer<const I: usize, const O: usize> = modules::Linear<I, O, f32, Cpu>;

fn linear<const I: usize, const O: usize>(cpu: &Cpu, layer: &Dense<I, O>) -> Layer<I, O> {
    let mut built = cpu.build_module::<builders::Linear<I, O>, f32>();
    let transposed: Vec<f32> = (0..O).flat_map(|o| layer.w.iter().map(move |w| w[o])).collect();
    built.weight.copy_from(&transposed);
    built.bias.copy_from(&layer.b);
    built
}

fn rows<const N: usize, const B: usize>(cpu: &Cpu, values: &[[f32; N]; B]) -> Tensor<Rank2<B, N>, f32, Cpu> {
    cpu.tensor_from_vec(values.as_flattened().to_vec(), (Const, Const))
}

fn infer<S: 'static, T: Shape>(state: S, forward: impl Fn(&S) -> Tensor<T, f32, Cpu> + 'static) -> Option<Run> {
    Run::repeated(state, move |state| forward(state), |_, y| y.as_vec())
}

fn adam<M>(model: &M) -> Adam<M, f32, Cpu> {
    Adam::new(model, AdamConfig { eps: 1e-7, ..AdamConfig::default() })
}

impl Peer for Dfdx {
    fn column() -> String {
        super::version("dfdx")
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        let cpu = Cpu::default();
        infer((rows(&cpu, a), rows(&cpu, b)), |(a, b)| a.clone().matmul(b.clone()))
    }

    fn v64(x: &'static [f32; 64], layer: &'static Dense<64, 64>) -> Option<Run> {
        let cpu = Cpu::default();
        infer((cpu.tensor(*x), linear(&cpu, layer)), |(x, layer)| layer.forward(x.clone()))
    }

    fn i1(x: &'static [f32; 2], net: &'static (Dense<2, 2>, Dense<2, 1>)) -> Option<Run> {
        let cpu = Cpu::default();
        let net = (linear(&cpu, &net.0), ReLU, linear(&cpu, &net.1), Sigmoid);
        infer((cpu.tensor(*x), net), |(x, net)| net.forward(x.clone()))
    }

    fn i2(x: &'static [f32; 16], net: &'static (Dense<16, 64>, Dense<64, 64>, Dense<64, 8>)) -> Option<Run> {
        let cpu = Cpu::default();
        let net = (linear(&cpu, &net.0), Tanh, linear(&cpu, &net.1), Tanh, linear(&cpu, &net.2));
        infer((cpu.tensor(*x), net), |(x, net)| net.forward(x.clone()))
    }

    fn i3<const B: usize>(x: &'static [[f32; 784]; B], net: &'static (Dense<784, 128>, Dense<128, 10>)) -> Option<Run> {
        let cpu = Cpu::default();
        let net = (linear(&cpu, &net.0), ReLU, linear(&cpu, &net.1));
        infer((rows(&cpu, x), net), |(x, net)| net.forward(x.clone()).softmax::<Axis<1>>())
    }

    fn t1(
        x: &'static [[f32; 2]; 4],
        t: &'static [[f32; 1]; 4],
        net: &'static (Dense<2, 2>, Dense<2, 1>),
    ) -> Option<Run> {
        let cpu = Cpu::default();
        let samples: [_; 4] = std::array::from_fn(|i| (cpu.tensor(x[i]), cpu.tensor(t[i])));
        Run::repeated(
            (samples, net),
            move |(samples, net)| {
                let mut net = (linear(&cpu, &net.0), ReLU, linear(&cpu, &net.1));
                let (mut grads, mut optimizer) = (net.alloc_grads(), adam(&net));
                let mut total = 0.0;
                for _ in 0..1000 {
                    total = 0.0;
                    for (x, t) in samples.iter() {
                        let z = net.forward_mut(x.clone().traced(grads));
                        let loss = binary_cross_entropy_with_logits_loss(z, t.clone());
                        total += loss.array();
                        grads = loss.backward();
                        optimizer.update(&mut net, &grads).unwrap();
                        net.zero_grads(&mut grads);
                    }
                }
                total / 4.0
            },
            |_, loss| vec![loss],
        )
    }

    fn classifier<const I: usize, const H: usize, const B: usize>(
        x: &'static [[f32; I]; B],
        t: &'static [u8; B],
        net: &'static (Dense<I, H>, Dense<H, 10>),
    ) -> Option<Run> {
        let cpu = Cpu::default();
        let one_hot = t.map(|t| std::array::from_fn(|class| f32::from(u8::from(class == usize::from(t)))));
        let (x, t) = (rows(&cpu, x), rows::<10, B>(&cpu, &one_hot));
        Run::training(
            move || {
                let net = (linear(&cpu, &net.0), ReLU, linear(&cpu, &net.1));
                let (grads, optimizer) = (net.alloc_grads(), adam(&net));
                (net, optimizer, Some(grads))
            },
            move |(net, optimizer, kept)| {
                let z = net.forward_mut(x.clone().traced(kept.take().unwrap()));
                let loss = cross_entropy_with_logits_loss(z, t.clone());
                let value = loss.array();
                let mut grads = loss.backward();
                optimizer.update(net, &grads).unwrap();
                net.zero_grads(&mut grads);
                *kept = Some(grads);
                value
            },
        )
    }

    fn t4(x: &'static [f32; 16], t: &'static [f32; 4], net: &'static (Dense<16, 32>, Dense<32, 4>)) -> Option<Run> {
        let cpu = Cpu::default();
        let (x, t) = (cpu.tensor(*x), cpu.tensor(*t));
        Run::training(
            move || {
                let net = (linear(&cpu, &net.0), Tanh, linear(&cpu, &net.1));
                let (grads, optimizer) = (net.alloc_grads(), adam(&net));
                (net, optimizer, Some(grads))
            },
            move |(net, optimizer, kept)| {
                let y = net.forward_mut(x.clone().traced(kept.take().unwrap()));
                let loss = mse_loss(y, t.clone());
                let value = loss.array();
                let mut grads = loss.backward();
                optimizer.update(net, &grads).unwrap();
                net.zero_grads(&mut grads);
                *kept = Some(grads);
                value
            },
        )
    }

    fn activation(function: Function, x: &'static [f32; 1024]) -> Option<Run> {
        infer(Cpu::default().tensor(*x), move |x| match function {
            Function::Exp => x.clone().exp(),
            Function::Tanh => x.clone().tanh(),
            Function::Sigmoid => x.clone().sigmoid(),
        })
    }
}
