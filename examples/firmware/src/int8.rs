//! Nets of int8, which lie in flash: the workloads U3 and U4, DS-CNN, and a tiny one. The weights are any numbers: this is about
//! instructions and memory. Each has a program for one byte per weight, and one for two.

#![allow(long_running_const_eval, reason = "weights are drawn and packed when compiling")]

use crate::board::{figure, instructions, take};
use crate::fnv::Fnv;
use baregrad::int8::{
    Activation, AveragePool, Bytes, Conv2d, Dense, DepthwiseConv2d, Image, Layer, Memory, Quantization, Reshape,
    Softmax,
};
use baregrad::{Chain, Error, chain};
use static_cell::ConstStaticCell;

/// Of an activation that is not negative.
const POSITIVE: Quantization = Quantization { scale: 1.0 / 32.0, zero_point: -128 };
/// Of any activation.
const SIGNED: Quantization = Quantization { scale: 1.0 / 16.0, zero_point: -3 };

/// Draws the weights of outputs that see `K` inputs each: int8, −128 among them.
const fn weights<const K: usize, const O: usize>() -> [[u8; K]; O] {
    let (mut weights, mut i, mut state) = ([[0; K]; O], 0, 1_u32);
    while i < K * O {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223); // Numerical Recipes
        weights[i / K][i % K] = (state >> 24) as u8;
        i += 1;
    }
    weights
}

/// The scales of the weights of outputs that see `k` inputs each: numbers of about 1 give numbers of about 1.
const fn scales<const O: usize>(k: usize) -> [f32; O] {
    let (mut scales, mut o) = ([0.0; O], 0);
    while o < O {
        scales[o] = (o % 7 + 4) as f32 / (128 * k) as f32;
        o += 1;
    }
    scales
}

/// Biases from −1 to 1, or nearly so.
const fn biases<const O: usize>(k: usize) -> [i32; O] {
    let (mut biases, mut o) = ([0; O], 0);
    while o < O {
        biases[o] = (o as i32 * 37 % 63 - 31) * k as i32 * 4;
        o += 1;
    }
    biases
}

const fn dense<const I: usize, const O: usize, const BYTES: usize>(
    from: Quantization,
    to: Quantization,
    activation: Activation,
) -> Dense<I, O, BYTES> {
    Dense::new(weights::<I, O>().as_flattened(), &biases(I), &scales(I), from, to, activation)
}

/// Workload U3.
type U3<const BYTES: usize> = chain![Dense<784, 128, BYTES>, Dense<128, 10, BYTES>];

const fn u3_net<const BYTES: usize>() -> U3<BYTES> {
    Chain(dense(SIGNED, POSITIVE, Activation::Relu), dense(POSITIVE, SIGNED, Activation::None))
}

/// Workload U4: one convolution.
type U4<const BYTES: usize> = Conv2d<Image<16, 16, 8>, Image<16, 16, 16>, 3, 3, 1, BYTES>;

const fn u4_net<const BYTES: usize>() -> U4<BYTES> {
    U4::new(weights::<72, 16>().as_flattened(), &biases(72), &scales(72), SIGNED, POSITIVE, Activation::Relu)
}

/// What fits anywhere.
type Tiny = chain![Dense<32, 16>, Dense<16, 4>];

type Map = Image<25, 5, 64>;
type Depthwise = DepthwiseConv2d<Map, Map, 3, 3>;
type Pointwise<const BYTES: usize> = Conv2d<Map, Map, 1, 1, 1, BYTES>;
type Block<const BYTES: usize> = Chain<Depthwise, Pointwise<BYTES>>;
/// DS-CNN, as MLPerf Tiny has it: twelve spoken words from 49 frames of ten MFCCs.
type DsCnn<const BYTES: usize> = chain![
    Conv2d<Image<49, 10, 1>, Map, 10, 4, 2, BYTES>,
    Block<BYTES>,
    Block<BYTES>,
    Block<BYTES>,
    Block<BYTES>,
    AveragePool<Map, Image<1, 1, 64>, 25, 5>,
    Reshape<Image<1, 1, 64>, [u8; 64]>,
    Dense<64, 12, BYTES>,
    Softmax<12>
];

const fn block<const BYTES: usize>() -> Block<BYTES> {
    Chain(
        DepthwiseConv2d::new(
            weights::<64, 9>().as_flattened(),
            &biases(9),
            &scales(9),
            POSITIVE,
            POSITIVE,
            Activation::Relu,
        ),
        Conv2d::new(weights::<64, 64>().as_flattened(), &biases(64), &scales(64), POSITIVE, POSITIVE, Activation::Relu),
    )
}

const fn ds_cnn_net<const BYTES: usize>() -> DsCnn<BYTES> {
    let first =
        Conv2d::new(weights::<40, 64>().as_flattened(), &biases(40), &scales(40), SIGNED, POSITIVE, Activation::Relu);
    let end = Chain(Reshape::new(POSITIVE), Chain(dense(POSITIVE, SIGNED, Activation::None), Softmax::new(SIGNED)));
    let pool = AveragePool::new(POSITIVE, Activation::None);
    Chain(first, Chain(block(), Chain(block(), Chain(block(), Chain(block(), Chain(pool, end))))))
}

/// A program: infers with a net in flash.
macro_rules! programs {
    ($($(#[$doc:meta])* $name:ident: $Net:ty = $net:expr, $calls:literal;)+) => { $(
        $(#[$doc])*
        pub fn $name() -> Result<bool, Error> {
            static NET: $Net = $net;
            static MEMORY: ConstStaticCell<Memory<$Net, { <$Net as Layer>::ARENA }>> = ConstStaticCell::new(Memory::NEW);
            infer(&NET, take(&MEMORY), $calls)
        }
    )+ };
}

programs! {
    /// U3 with a byte per weight.
    u3: U3<1> = u3_net(), 10;
    /// U3 with two bytes per weight.
    u3_two: U3<2> = u3_net(), 10;
    /// U4 with a byte per weight.
    u4: U4<1> = u4_net(), 3;
    /// U4 with two bytes per weight.
    u4_two: U4<2> = u4_net(), 3;
    /// DS-CNN with a byte per weight.
    ds_cnn: DsCnn<1> = ds_cnn_net(), 1;
    /// DS-CNN with two bytes per weight.
    ds_cnn_two: DsCnn<2> = ds_cnn_net(), 1;
    /// The tiny net.
    tiny: Tiny = Chain(dense(SIGNED, POSITIVE, Activation::Relu), dense(POSITIVE, SIGNED, Activation::None)), 100;
}

/// The hash of the outputs is the same on every machine. Not all of them are equal.
fn infer<N: Layer, const ARENA: usize>(net: &N, memory: &mut Memory<N, ARENA>, calls: u32) -> Result<bool, Error> {
    let mut state = 7_u32;
    for byte in net.input(memory).bytes.iter_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8;
    }
    let y = net.infer(memory);
    let (hash, differ) = (Fnv::NEW.with_bytes(y.bytes).0, y.bytes.iter().any(|byte| Some(byte) != y.bytes.first()));
    let count = instructions(calls, || _ = net.infer(memory));
    say!("{} bytes of activations, {count} instructions, hash {hash:08x}", N::ARENA);
    figure("instructions", count);
    figure("weights", hash);
    Ok(differ && N::Y::LEN > 1)
}
