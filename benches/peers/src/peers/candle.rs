//! Candle on the CPU. Its Adam is AdamW without decay, which adds ε as PyTorch does.

use crate::plain::Dense;
use crate::rows::{Function, Peer, Run};
use candle_core::{D, Device::Cpu, Result, Tensor, Var};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW, loss, ops};

pub struct Candle;

type Net2 = (Linear, Linear);

/// The weights are transposed, as in PyTorch.
fn variables<const I: usize, const O: usize>(layer: &Dense<I, O>) -> Result<[Var; 2]> {
    let w = Tensor::from_slice(layer.w.as_flattened(), (I, O), &Cpu)?.t()?.contiguous()?;
    Ok([Var::from_tensor(&w)?, Var::from_slice(&layer.b, O, &Cpu)?])
}

/// A layer that does not train.
fn linear<const I: usize, const O: usize>(layer: &Dense<I, O>) -> Linear {
    let [w, b] = variables(layer).unwrap();
    Linear::new(w.as_detached_tensor(), Some(b.as_detached_tensor()))
}

fn tensor(values: &[f32], rows: usize) -> Tensor {
    Tensor::from_slice(values, (rows, values.len() / rows), &Cpu).unwrap()
}

fn floats(tensor: Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn infer<S: 'static>(state: S, forward: impl Fn(&S) -> Result<Tensor> + 'static) -> Option<Run> {
    Run::repeated(state, move |state| forward(state).unwrap(), |_, y| floats(y))
}

/// Two layers and their optimiser.
fn trainable<const I: usize, const H: usize, const O: usize>(
    net: &(Dense<I, H>, Dense<H, O>),
) -> Result<(Net2, AdamW)> {
    let ([w1, b1], [w2, b2]) = (variables(&net.0)?, variables(&net.1)?);
    let layer = |w: &Var, b: &Var| Linear::new(w.as_tensor().clone(), Some(b.as_tensor().clone()));
    let layers = (layer(&w1, &b1), layer(&w2, &b2));
    let params = ParamsAdamW { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-7, weight_decay: 0.0 };
    Ok((layers, AdamW::new(vec![w1, b1, w2, b2], params)?))
}

/// One step, given the loss before it.
fn step(optimizer: &mut AdamW, loss: Tensor) -> Result<f32> {
    optimizer.backward_step(&loss)?;
    loss.to_scalar()
}

impl Peer for Candle {
    fn column() -> String {
        super::version("candle-core")
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        infer((tensor(a.as_flattened(), N), tensor(b.as_flattened(), N)), |(a, b)| a.matmul(b))
    }

    fn v64(x: &'static [f32; 64], layer: &'static Dense<64, 64>) -> Option<Run> {
        infer((tensor(x, 1), linear(layer)), |(x, layer)| layer.forward(x))
    }

    fn i1(x: &'static [f32; 2], net: &'static (Dense<2, 2>, Dense<2, 1>)) -> Option<Run> {
        infer((tensor(x, 1), linear(&net.0), linear(&net.1)), |(x, first, second)| {
            ops::sigmoid(&second.forward(&first.forward(x)?.relu()?)?)
        })
    }

    fn i2(x: &'static [f32; 16], net: &'static (Dense<16, 64>, Dense<64, 64>, Dense<64, 8>)) -> Option<Run> {
        infer((tensor(x, 1), linear(&net.0), linear(&net.1), linear(&net.2)), |(x, first, second, third)| {
            third.forward(&second.forward(&first.forward(x)?.tanh()?)?.tanh()?)
        })
    }

    fn i3<const B: usize>(x: &'static [[f32; 784]; B], net: &'static (Dense<784, 128>, Dense<128, 10>)) -> Option<Run> {
        infer((tensor(x.as_flattened(), B), linear(&net.0), linear(&net.1)), |(x, first, second)| {
            ops::softmax(&second.forward(&first.forward(x)?.relu()?)?, D::Minus1)
        })
    }

    fn t1(
        x: &'static [[f32; 2]; 4],
        t: &'static [[f32; 1]; 4],
        net: &'static (Dense<2, 2>, Dense<2, 1>),
    ) -> Option<Run> {
        let samples: [(Tensor, Tensor); 4] = std::array::from_fn(|i| (tensor(&x[i], 1), tensor(&t[i], 1)));
        let fit = |samples: &[(Tensor, Tensor); 4], net: &(Dense<2, 2>, Dense<2, 1>)| -> Result<f32> {
            let ((first, second), mut optimizer) = trainable(net)?;
            let mut total = 0.0;
            for _ in 0..1000 {
                total = 0.0;
                for (x, t) in samples {
                    let z = second.forward(&first.forward(x)?.relu()?)?;
                    total += step(&mut optimizer, loss::binary_cross_entropy_with_logit(&z, t)?)?;
                }
            }
            Ok(total / 4.0)
        };
        Run::repeated((samples, net), move |(samples, net)| fit(samples, net).unwrap(), |_, loss| vec![loss])
    }

    fn classifier<const I: usize, const H: usize, const B: usize>(
        x: &'static [[f32; I]; B],
        t: &'static [u8; B],
        net: &'static (Dense<I, H>, Dense<H, 10>),
    ) -> Option<Run> {
        let classes = Tensor::from_slice(&t.map(u32::from), B, &Cpu).unwrap();
        let x = tensor(x.as_flattened(), B);
        let one = |x: &Tensor, t: &Tensor, (first, second): &Net2, optimizer: &mut AdamW| -> Result<f32> {
            let z = second.forward(&first.forward(x)?.relu()?)?;
            step(optimizer, loss::cross_entropy(&z, t)?)
        };
        Run::training(
            move || (x.clone(), classes.clone(), trainable(net).unwrap()),
            move |(x, t, (net, optimizer))| one(x, t, net, optimizer).unwrap(),
        )
    }

    fn t4(x: &'static [f32; 16], t: &'static [f32; 4], net: &'static (Dense<16, 32>, Dense<32, 4>)) -> Option<Run> {
        let one = |x: &Tensor, t: &Tensor, (first, second): &Net2, optimizer: &mut AdamW| -> Result<f32> {
            let y = second.forward(&first.forward(x)?.tanh()?)?;
            step(optimizer, loss::mse(&y, t)?)
        };
        Run::training(
            move || (tensor(x, 1), tensor(t, 1), trainable(net).unwrap()),
            move |(x, t, (net, optimizer))| one(x, t, net, optimizer).unwrap(),
        )
    }

    fn activation(function: Function, x: &'static [f32; 1024]) -> Option<Run> {
        infer(tensor(x, 1), move |x| match function {
            Function::Exp => x.exp(),
            Function::Tanh => x.tanh(),
            Function::Sigmoid => ops::sigmoid(x),
        })
    }
}
