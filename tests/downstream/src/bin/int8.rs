//! An image of every layer of int8 nets, in shapes that fill no vector and no group of outputs.

#![no_std]
#![no_main]

use baregrad::int8::{
    self, Activation, Addition, AveragePool, Conv2d, Dense, DepthwiseConv2d, Image, Layer, Memory, Quantization,
    Reshape, Residual, Softmax,
};
use baregrad::{Chain, chain};
use baregrad_downstream as _; // its panic handler
use core::hint::black_box;

type Map = Image<5, 4, 6>;
type Small = Image<3, 2, 7>;
type Net = chain![
    Conv2d<Image<9, 8, 3>, Map, 3, 3, 2>,
    DepthwiseConv2d<Map, Map, 3, 3>,
    Residual<Chain<Conv2d<Map, Map, 1, 1, 1, 2>, Conv2d<Map, Map, 1, 3>>>,
    int8::Sum<DepthwiseAndPoint, Conv2d<Map, Small, 1, 1, 2>>,
    AveragePool<Small, Image<1, 1, 7>, 3, 2>,
    Reshape<Image<1, 1, 7>, [u8; 7]>,
    Dense<7, 9, 2>,
    Dense<9, 5>,
    Softmax<5>
];
type DepthwiseAndPoint = Chain<DepthwiseConv2d<Map, Image<3, 2, 6>, 3, 3, 2>, Conv2d<Image<3, 2, 6>, Small, 1, 1>>;

const Q: Quantization = Quantization { scale: 0.1, zero_point: -5 };
const RELU: Activation = Activation::Relu;
const W: [u8; 1000] = [0x85; 1000];

const fn w(length: usize) -> &'static [u8] {
    W.split_at(length).0
}

static NET: Net = Chain(
    Conv2d::new(w(27 * 6), &[9; 6], &[0.1; 6], Q, Q, Activation::Relu6),
    Chain(
        DepthwiseConv2d::new(w(9 * 6), &[9; 6], &[0.1; 6], Q, Q, RELU),
        Chain(
            Residual {
                layers: Chain(
                    Conv2d::new(w(6 * 6), &[9; 6], &[0.1; 6], Q, Q, RELU),
                    Conv2d::new(w(18 * 6), &[9; 6], &[0.1; 6], Q, Q, Activation::None),
                ),
                addition: Addition::new(Q, Q, Q, RELU),
            },
            Chain(
                int8::Sum {
                    layers: Chain(
                        DepthwiseConv2d::new(w(9 * 6), &[9; 6], &[0.1; 6], Q, Q, RELU),
                        Conv2d::new(w(6 * 7), &[9; 7], &[0.1; 7], Q, Q, RELU),
                    ),
                    shortcut: Conv2d::new(w(6 * 7), &[9; 7], &[100.0; 7], Q, Q, RELU),
                    addition: Addition::new(Q, Q, Q, RELU),
                },
                Chain(
                    AveragePool::new(Q, Activation::None),
                    Chain(
                        Reshape::new(Q),
                        Chain(
                            Dense::new(w(7 * 9), &[9; 9], &[0.1; 9], Q, Q, RELU),
                            Chain(Dense::new(w(9 * 5), &[9; 5], &[0.1; 5], Q, Q, RELU), Softmax::new(Q)),
                        ),
                    ),
                ),
            ),
        ),
    ),
);

#[unsafe(no_mangle)]
pub extern "C" fn main() -> ! {
    let mut memory = Memory::<Net, { Net::ARENA }>::NEW;
    let net = black_box(&NET);
    loop {
        net.input(&mut memory).set(&black_box([[[0.5; 3]; 8]; 9]));
        net.input(&mut memory).set_i16(&black_box([[[500; 3]; 8]; 9]), black_box(0.1));
        net.input(&mut memory).set_u8(&black_box([[[50; 3]; 8]; 9]), black_box(0.1));
        black_box(net.infer(&mut memory).numbers());
        black_box(net.infer(&mut memory).int8());
    }
}
