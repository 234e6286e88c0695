//! Burn on its pure Rust backend, Flex. Its Adam adds ε as PyTorch does.

use crate::plain::Dense;
use crate::rows::{Function, Peer, Run};
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::loss::{BinaryCrossEntropyLossConfig, CrossEntropyLossConfig, MseLoss, Reduction};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{relu, sigmoid, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};

pub struct Burn;

/// Two layers that train.
#[derive(Module, Debug)]
struct Net {
    first: Linear,
    second: Linear,
}

/// A net, or none while the optimiser has it, and the optimiser.
type Model = (Option<Net>, ModuleOptimizer);

fn tensor(values: &[f32], rows: usize, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), [rows, values.len() / rows]), device)
}

fn linear<const I: usize, const O: usize>(layer: &Dense<I, O>, device: &Device) -> Linear {
    let bias = Tensor::from_floats(layer.b, device);
    Linear {
        weight: Param::from_tensor(tensor(layer.w.as_flattened(), I, device)),
        bias: Some(Param::from_tensor(bias)),
    }
}

fn floats(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn scalar(loss: Tensor<1>) -> f32 {
    loss.into_scalar()
}

fn infer<S: 'static>(state: S, forward: impl Fn(&S) -> Tensor<2> + 'static) -> Option<Run> {
    Run::repeated(state, move |state| forward(state), |_, y| floats(y))
}

fn model<const I: usize, const H: usize, const O: usize>(net: &(Dense<I, H>, Dense<H, O>), device: &Device) -> Model {
    let net = Net { first: linear(&net.0, device), second: linear(&net.1, device) };
    (Some(net), AdamConfig::new().with_epsilon(1e-7).init())
}

/// One step; gives the loss before it.
fn step((slot, optimizer): &mut Model, loss: impl Fn(&Net) -> Tensor<1>) -> f32 {
    let net = slot.take().unwrap();
    let loss = loss(&net);
    let gradients = GradientsParams::from_grads(loss.backward(), &net);
    *slot = Some(optimizer.step(1e-3, net, gradients));
    scalar(loss)
}

impl Peer for Burn {
    fn column() -> String {
        super::version("burn")
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        let device = Device::flex();
        infer((tensor(a.as_flattened(), N, &device), tensor(b.as_flattened(), N, &device)), |(a, b)| {
            a.clone().matmul(b.clone())
        })
    }

    fn v64(x: &'static [f32; 64], layer: &'static Dense<64, 64>) -> Option<Run> {
        let device = Device::flex();
        infer((tensor(x, 1, &device), linear(layer, &device)), |(x, layer)| layer.forward(x.clone()))
    }

    fn i1(x: &'static [f32; 2], net: &'static (Dense<2, 2>, Dense<2, 1>)) -> Option<Run> {
        let device = Device::flex();
        let state = (tensor(x, 1, &device), linear(&net.0, &device), linear(&net.1, &device));
        infer(state, |(x, first, second)| sigmoid(second.forward(relu(first.forward(x.clone())))))
    }

    fn i2(x: &'static [f32; 16], net: &'static (Dense<16, 64>, Dense<64, 64>, Dense<64, 8>)) -> Option<Run> {
        let device = Device::flex();
        let layers = (linear(&net.0, &device), linear(&net.1, &device), linear(&net.2, &device));
        infer((tensor(x, 1, &device), layers), |(x, (first, second, third))| {
            third.forward(second.forward(first.forward(x.clone()).tanh()).tanh())
        })
    }

    fn i3<const B: usize>(x: &'static [[f32; 784]; B], net: &'static (Dense<784, 128>, Dense<128, 10>)) -> Option<Run> {
        let device = Device::flex();
        let state = (tensor(x.as_flattened(), B, &device), linear(&net.0, &device), linear(&net.1, &device));
        infer(state, |(x, first, second)| softmax(second.forward(relu(first.forward(x.clone()))), 1))
    }

    fn t1(
        x: &'static [[f32; 2]; 4],
        t: &'static [[f32; 1]; 4],
        net: &'static (Dense<2, 2>, Dense<2, 1>),
    ) -> Option<Run> {
        let device = Device::flex().autodiff();
        let samples: [(Tensor<2>, Tensor<2, Int>); 4] =
            std::array::from_fn(|i| (tensor(&x[i], 1, &device), tensor(&t[i], 1, &device).int()));
        let criterion = BinaryCrossEntropyLossConfig::new().with_logits(true).init(&device);
        Run::repeated(
            (samples, net),
            move |(samples, net)| {
                let mut model = model(net, &device);
                let mut total = 0.0;
                for _ in 0..1000 {
                    total = 0.0;
                    for (x, t) in &*samples {
                        total += step(&mut model, |net| {
                            let z = net.second.forward(relu(net.first.forward(x.clone())));
                            criterion.forward(z, t.clone())
                        });
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
        let device = Device::flex().autodiff();
        let x = tensor(x.as_flattened(), B, &device);
        let t: Tensor<1, Int> = Tensor::from_ints(t.map(i32::from), &device);
        let criterion = CrossEntropyLossConfig::new().init(&device);
        Run::training(
            move || model(net, &device),
            move |model| {
                step(model, |net| {
                    let z = net.second.forward(relu(net.first.forward(x.clone())));
                    criterion.forward(z, t.clone())
                })
            },
        )
    }

    fn t4(x: &'static [f32; 16], t: &'static [f32; 4], net: &'static (Dense<16, 32>, Dense<32, 4>)) -> Option<Run> {
        let device = Device::flex().autodiff();
        let (x, t) = (tensor(x, 1, &device), tensor(t, 1, &device));
        Run::training(
            move || model(net, &device),
            move |model| {
                step(model, |net| {
                    let y = net.second.forward(net.first.forward(x.clone()).tanh());
                    MseLoss::new().forward(y, t.clone(), Reduction::Mean)
                })
            },
        )
    }

    fn activation(function: Function, x: &'static [f32; 1024]) -> Option<Run> {
        infer(tensor(x, 1, &Device::flex()), move |x| match function {
            Function::Exp => x.clone().exp(),
            Function::Tanh => x.clone().tanh(),
            Function::Sigmoid => sigmoid(x.clone()),
        })
    }
}
