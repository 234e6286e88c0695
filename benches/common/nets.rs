//! The layers and nets of rows C1 to C4, N1 to N3 and R1 to R4.

use super::fill;
use baregrad::prelude::*;

#[path = "../../examples/mlperf_tiny/ds_cnn.rs"]
mod ds_cnn;
#[path = "../../examples/mlperf_tiny/resnet8.rs"]
mod resnet8;

pub use ds_cnn::DsCnn;
pub use resnet8::ResNet8;

/// C1, which runs on a stream.
pub type OnStream = Conv1d<Sequence<64, 4>, Sequence<60, 8>, 5>;
/// C2.
pub type Convolution = Conv2d<Image<16, 16, 8>, Image<16, 16, 16>, 3, 3, 1, Relu>;
/// The images inside of DS-CNN.
pub type Map = Image<25, 5, 64>;
/// C3.
pub type Depthwise = DepthwiseConv2d<Map, Map, 3, 3>;
/// C4.
pub type Pointwise = Conv2d<Map, Map, 1, 1>;
/// N3, which trains.
pub type Cnn = chain![
    Conv2d<Image<28, 28, 1>, Image<28, 28, 8>, 3, 3, 1, Relu>,
    MaxPool2d<Image<28, 28, 8>, Image<14, 14, 8>, 2, 2>,
    Conv2d<Image<14, 14, 8>, Image<14, 14, 16>, 3, 3, 1, Relu>,
    MaxPool2d<Image<14, 14, 16>, Image<7, 7, 16>, 2, 2>,
    Flatten<784>,
    Dense<784, 10>
];

/// R1, which runs on a stream.
pub type MemoryStream = chain![Lstm<Sequence<64, 1>, Sequence<64, 32>>, Dense<32, 1>];
/// R2, which runs on a stream.
pub type GatedStream = chain![Gru<Sequence<64, 1>, Sequence<64, 32>>, Dense<32, 1>];
/// R3, which trains.
pub type Gated = chain![Gru<Sequence<64, 6>, [f32; 32]>, Dense<32, 6>];
/// R4, which trains.
pub type Memory = chain![Lstm<Sequence<64, 6>, [f32; 32]>, Dense<32, 6>];

/// A net with a recurrent layer of 32 numbers, with weights and biases drawn as PyTorch draws them: from ±1/√32. Tensor
/// number `i`, from 1 and without empty ones, has the seed `i`.
pub fn drawn_recurrent<N: Params>() -> &'static N {
    let mut net = Box::new(super::Aligned(N::NEW));
    let mut seed = 0;
    net.0.tensors_mut(0, &mut |_, tensor| {
        seed += u32::from(!tensor.is_empty());
        fill(tensor, seed);
        tensor.iter_mut().for_each(|w| *w /= 32.0_f32.sqrt());
    });
    &Box::leak(net).0
}

/// Draws all weights, whose scale follows from the number of inputs of a sum, and all biases. Layer number `i` has seeds `2i + 1`
/// and `2i + 2`.
pub fn draw<N: Params>(net: &mut N) {
    let mut lengths = Vec::new();
    net.tensors(0, &mut |_, tensor| lengths.push(tensor.len()));
    let mut seed = 0;
    net.tensors_mut(0, &mut |_, tensor| {
        fill(tensor, seed as u32 + 1);
        // Biases follow weights.
        if seed % 2 == 0 {
            let scale = 2.0 / (lengths[seed] as f32 / lengths[seed + 1] as f32).sqrt();
            tensor.iter_mut().for_each(|w| *w *= scale);
        }
        seed += 1;
    });
}

/// A net with drawn parameters, for as long as the program lives.
pub fn drawn<N: Params>() -> &'static N {
    let mut net = Box::new(super::Aligned(N::NEW));
    draw(&mut net.0);
    &Box::leak(net).0
}
