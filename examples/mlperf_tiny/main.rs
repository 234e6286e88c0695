//! The nets of the benchmark MLPerf Tiny (Banbury et al. 2021) as types: what they take, and how fast they are here. The wake word
//! also runs on a stream. DS-CNN and ResNet-8 are also trained for a few steps, after which every tensor has moved.
//!
//! ```text
//! cargo run --release --example mlperf_tiny
//! ```

mod autoencoder;
mod ds_cnn;
mod mobilenet;
mod resnet8;
mod wake_word;

use autoencoder::Autoencoder;
use baregrad::Summary;
use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Zero};
use ds_cnn::DsCnn;
use mobilenet::MobileNet;
use resnet8::ResNet8;
use std::thread;
use std::time::Instant;
use wake_word::WakeWord;

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
    report::<WakeWord>("wake word", 46_883, 826_368);
    stream();
    println!("\nnet          a step of Adam on 8 samples, µs   parameters that moved in 20 steps");
    train::<DsCnn, 12>("DS-CNN");
    train::<ResNet8, 10>("ResNet-8");
}

/// Asserts what the net takes, and times its inference.
fn report<N: Network>(name: &str, parameters: usize, multiply_adds: usize) {
    assert_eq!((N::COUNT, multiply_adds_of::<N>()), (parameters, multiply_adds), "{name}");
    let mut net = Box::new(N::NEW);
    net.init(&HeNormal, &mut Sfc32::seed_from_u64(1));
    let (x, mut y, mut work) = ([numbers(0)], [N::Y::ZERO], vec![0.0; N::SCRATCH]);
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

/// Gives the wake word's frames to a stream, one by one: the same bits as all at once, with each frame.
fn stream() {
    let mut net = WakeWord::NEW;
    net.init(&HeNormal, &mut Sfc32::seed_from_u64(1));
    let frames: Sequence<90, 40> = numbers(1);
    let (mut memory, mut outputs, start) = (WakeWord::MEMORY, Vec::new(), Instant::now());
    for frame in &frames {
        outputs.extend(net.push(&mut memory, frame));
    }
    let time = start.elapsed().as_secs_f32() * 1e6 / frames.len() as f32;
    for (window, output) in frames.windows(30).zip(&outputs) {
        let mut y = [0.0; 3];
        net.infer_one(window.first_chunk().expect("30 frames"), &mut y, &mut [0.0; WakeWord::SCRATCH]);
        assert_eq!(y, *output);
    }
    println!("the wake word on a stream: {time:.1} µs a frame\n{}", Summary::<WakeWord>::of_stream());
}

/// The multiply-adds of convolutions and dense layers.
fn multiply_adds_of<N: Network>() -> usize {
    let mut sum = 0;
    <N as Layer<N::Input>>::describe(&mut |line| match line.kind {
        "Dense" => sum += line.parameters - line.shape[0],
        "Conv1D" | "DepthwiseConv1D" | "Conv2D" | "DepthwiseConv2D" => sum += line.operations,
        _ => {}
    });
    sum
}

/// Trains for a few steps, and asserts that every tensor has moved. A few numbers of a tensor may stay: a ReLU that gives 0 for
/// all samples has no slope.
fn train<N: Network<Y = [f32; CLASSES]>, const CLASSES: usize>(name: &str) {
    let mut rng = Sfc32::seed_from_u64(3);
    let mut model = Box::new(Trainer::<N, SparseCategoricalCrossEntropy, Adam, 8>::new(&mut rng));
    model.init(&HeNormal, &mut rng);
    let (before, mut times) = (tensors(&model.net), Vec::new());
    for step in 0..20 {
        let (x, y) = ((8 * step..8 * step + 8).map(numbers).collect::<Vec<N::Input>>(), [0_u8, 1, 2, 3, 4, 5, 6, 7]);
        let start = Instant::now();
        model.step(&x, &y).expect("finite numbers");
        times.push(start.elapsed().as_secs_f32() * 1e6);
    }
    let mut moved = 0;
    for (before, after) in before.iter().zip(tensors(&model.net)) {
        let of_tensor = before.iter().zip(after).filter(|(before, after)| *before != after).count();
        assert!(of_tensor > 0, "a tensor of {name} has not moved");
        moved += of_tensor;
    }
    assert!(20 * moved > 19 * N::COUNT, "{moved} parameters of {name} have moved");
    times.sort_by(f32::total_cmp);
    println!("{name:12} {:31.0} {moved:34}", times[times.len() / 2]);
}

fn tensors<N: Network>(net: &N) -> Vec<Vec<f32>> {
    let mut all = Vec::new();
    net.tensors(0, &mut |_, tensor| all.push(tensor.to_vec()));
    all
}

/// Random numbers between −1 and 1.
fn numbers<X: Tensor>(seed: u64) -> X {
    let (mut x, mut rng) = (X::ZERO, Sfc32::seed_from_u64(seed));
    x.flat_mut().iter_mut().for_each(|x| *x = (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0);
    x
}
