//! An image of every layer of int8, in shapes that fill no word.

#![no_std]
#![no_main]

use baregrad::int8::{self, *};
use baregrad::{Chain, chain};
use baregrad_downstream as _; // its panic handler
use core::hint::black_box;

const OF: Quantization = Quantization { scale: 0.1, zero_point: 3 };
const NONE: Activation = Activation::None;

type Net = chain![
    Pad<Image<6, 5, 1>, Image<9, 7, 1>, 1, 1>,
    Conv2d<Image<9, 7, 1>, Image<9, 5, 3>, 3, 2, 1, 1, Dilated<2, 2>>,
    DepthwiseConv2d<Image<9, 5, 3>, Image<4, 5, 6>, 3, 3, 2, ColumnStride<1, Padded<0, 1>>>,
    Conv2d<Image<4, 5, 6>, Image<3, 3, 6>, 2, 3>,
    Conv2d<Image<3, 3, 6>, Image<3, 3, 5>, 1, 1, 1, 2>,
    Residual<chain![
        DepthwiseConv2d<Image<3, 3, 5>, Image<3, 3, 5>, 3, 3>,
        Conv2d<Image<3, 3, 5>, Image<3, 3, 5>, 1, 1>
    ]>,
    AveragePool<Image<3, 3, 5>, Image<3, 3, 5>, 2, 2>,
    MaxPool<Image<3, 3, 5>, Image<3, 1, 5>, 1, 3>,
    Reshape<Image<3, 1, 5>, Sequence<3, 5>>,
    Conv1d<Sequence<3, 5>, Sequence<3, 7>, 3>,
    DepthwiseConv1d<Sequence<3, 7>, Sequence<3, 7>, 2>,
    Concat<Tanh<Sequence<3, 7>>, chain![Relu<Sequence<3, 7>>, Requantize<Sequence<3, 7>>], 14>,
    Lstm<3, 14, 5>,
    Sigmoid<Sequence<3, 5>>,
    GlobalAveragePool<Sequence<3, 5>>,
    Svdf<5, 3, 7, 2>,
    int8::Sum<Dense<3, 9>, Dense<3, 9, 2>>,
    Softmax<9>,
    Dense<9, 3>,
    Softmax16<3>,
    ToInt32<3>
];

/// A chain of these layers.
macro_rules! net {
    ($layer:expr $(,)?) => { $layer };
    ($first:expr, $($rest:expr),+ $(,)?) => { Chain($first, net!($($rest),+)) };
}

const fn gate(w: &'static [u8], u: &'static [u8]) -> Gate<'static, 5> {
    Gate { w, u, bias: &[1; 5], w_scale: 0.1, u_scale: 0.1 }
}

static NET: Net = net!(
    Pad::new(OF),
    Conv2d::new(&[1; 18], &[1; 3], &[0.1; 3], OF, OF, Activation::Relu),
    DepthwiseConv2d::new(&[1; 54], &[1; 6], &[0.1; 6], OF, OF, NONE),
    Conv2d::new(&[1; 216], &[1; 6], &[0.1; 6], OF, OF, Activation::Relu),
    Conv2d::new(&[2; 30], &[1; 5], &[0.1; 5], OF, OF, Activation::Relu6),
    Residual {
        layers: Chain(
            DepthwiseConv2d::new(&[3; 45], &[1; 5], &[0.1; 5], OF, OF, NONE),
            Conv2d::new(&[4; 25], &[1; 5], &[0.1; 5], OF, OF, NONE)
        ),
        addition: Addition::new(OF, OF, OF, NONE)
    },
    AveragePool::new(OF, NONE),
    MaxPool::new(OF, NONE),
    Reshape::new(OF),
    Conv1d::new(&[5; 105], &[1; 7], &[0.1; 7], OF, OF, NONE),
    DepthwiseConv1d::new(&[6; 14], &[1; 7], &[0.1; 7], OF, OF, NONE),
    Concat { first: Tanh::new(OF), second: Chain(Relu::new(OF, OF, NONE), Requantize::new(OF, OF)) },
    Lstm::new([gate(&[7; 70], &[8; 25]); 4], OF, 1.0 / 4096.0, 10.0, OF),
    Sigmoid::new(OF),
    GlobalAveragePool::new(OF, OF),
    Svdf::new(&[9; 30], &[10; 42], &[1; 3], [0.1; 2], OF, OF, OF),
    int8::Sum {
        layers: Dense::new(&[11; 27], &[1; 9], &[0.1; 9], OF, OF, NONE),
        shortcut: Dense::new(&[12; 27], &[1; 9], &[0.1; 9], OF, OF, NONE),
        addition: Addition::new(OF, OF, OF, NONE)
    },
    Softmax::new(OF),
    Dense::new(&[13; 27], &[1; 3], &[0.1; 3], OF, OF, NONE),
    Softmax16::new(OF),
    ToInt32::new(OF, 0.1),
);

#[unsafe(no_mangle)]
pub extern "C" fn main() -> ! {
    let mut memory = Memory::<Net, { Net::ARENA }>::NEW;
    loop {
        let net = black_box(&NET);
        net.input(&mut memory).set(&black_box([[[0.5]; 5]; 6]));
        black_box(net.infer(&mut memory).int32());
        net.input(&mut memory).set_i16(&black_box([[[5]; 5]; 6]), black_box(0.1));
        black_box(net.infer(&mut memory).numbers());
        net.input(&mut memory).set_u8(&black_box([[[5]; 5]; 6]), black_box(0.1));
        black_box(net.infer(&mut memory).int8());
        memory.reset();
    }
}
