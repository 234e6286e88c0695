//! The nets of the benchmark MLPerf Tiny (Banbury et al. 2021) as types: what they take, and how fast they are here. DS-CNN and
//! ResNet-8 are also trained for a few steps, after which every parameter has moved.
//!
//! ```text
//! cargo run --release --example mlperf_tiny
//! ```

mod autoencoder;
mod ds_cnn;
mod mobilenet;
mod resnet8;

use autoencoder::Autoencoder;
use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Zero};
use ds_cnn::DsCnn;
use mobilenet::MobileNet;
use resnet8::ResNet8;
use std::thread;
use std::time::Instant;

fn main() {
    // A trainer of ResNet-8 is larger than the stack of the main thread. The feature `std` brings `boxed`, which does this, too.
    let large = thread::Builder::new().stack_size(64 << 20).spawn(run).expect("a host can start a thread");
    large.join().expect("the thread has not panicked");
}

fn run() {
    println!("net          parameters  multiply-adds  work space, bytes  inference, µs");
    report::<DsCnn>("DS-CNN", 22_604, 2_656_768);
    report::<ResNet8>("ResNet-8", 77_706, 12_501_632);
    report::<MobileNet>("MobileNet", 210_850, 7_489_664);
    report::<Autoencoder>("autoencoder", 265_864, 264_192);
    println!("\nnet          a step of Adam on 8 samples, µs");
    train::<DsCnn, 12>("DS-CNN");
    train::<ResNet8, 10>("ResNet-8");
}

/// Asserts what the net takes, and times its inference.
fn report<N: Network>(name: &str, parameters: usize, multiply_adds: usize) {
    assert_eq!((N::COUNT, multiply_adds_of::<N>()), (parameters, multiply_adds), "{name}");
    let mut net = Box::new(N::NEW);
    net.init(&HeNormal, &mut Sfc32::seed_from_u64(1));
    let (x, mut y, mut work) = ([numbers()], [N::Y::ZERO], vec![0.0; N::SCRATCH]);
    let mut times: Vec<f32> = (0..50)
        .map(|_| {
            let start = Instant::now();
            net.infer_batch(&x, &mut y, &mut work).expect("room for one sample");
            start.elapsed().as_secs_f32() * 1e6
        })
        .collect();
    times.sort_by(f32::total_cmp);
    println!("{name:12} {parameters:10} {multiply_adds:14} {:18} {:14.1}", 4 * N::SCRATCH, times[times.len() / 2]);
}

/// The multiply-adds of convolutions and dense layers.
fn multiply_adds_of<N: Network>() -> usize {
    let mut sum = 0;
    <N as Layer<N::Input>>::describe(&mut |line| match line.kind {
        "Dense" => sum += line.parameters - line.shape[0],
        "Conv2D" | "DepthwiseConv2D" => sum += line.operations,
        _ => {}
    });
    sum
}

/// Trains for a few steps, and asserts that every parameter has moved.
fn train<N: Network<Y = [f32; CLASSES]>, const CLASSES: usize>(name: &str) {
    let mut model = Box::new(Trainer::<N, SparseCategoricalCrossEntropy, Adam, 8>::new(&mut Sfc32::seed_from_u64(2)));
    let before = weights(&model.net);
    let (x, y) = (vec![numbers::<N::Input>(); 8], [0_u8, 1, 2, 3, 4, 5, 6, 7]);
    let mut times = Vec::new();
    for _ in 0..10 {
        let start = Instant::now();
        model.step(&x, &y).expect("finite numbers");
        times.push(start.elapsed().as_secs_f32() * 1e6);
    }
    let moved = before.iter().zip(weights(&model.net)).filter(|(before, after)| **before != *after).count();
    assert_eq!(moved, N::COUNT, "{name}: parameters that have moved");
    times.sort_by(f32::total_cmp);
    println!("{name:12} {:10.0}", times[times.len() / 2]);
}

fn weights<N: Network>(net: &N) -> Vec<f32> {
    let mut all = Vec::new();
    net.tensors(0, &mut |_, tensor| all.extend_from_slice(tensor));
    all
}

/// Numbers that repeat at no period of a net.
fn numbers<X: Tensor>() -> X {
    let mut x = X::ZERO;
    for (i, x) in x.flat_mut().iter_mut().enumerate() {
        *x = ((i * 37 + i / 97) % 101) as f32 / 50.0 - 1.0;
    }
    x
}
