//! The workloads: each function prepares a row and gives the call to count. They stand in a crate of their own, so that the
//! compiler sees nothing of the counting, and in functions of known types, so that they are compiled here.

use baregrad::kernels::{Lanes, elementwise, math};
use baregrad::losses::Loss;
use baregrad::net::{Layer, Network, StepOf};
use baregrad::prelude::*;
use baregrad::tensor::Tensor;
use baregrad::{Direct, Gradients};
use std::array::from_fn;
use std::hint::black_box;

#[path = "../../../examples/mlperf_tiny/ds_cnn.rs"]
mod ds_cnn;

use ds_cnn::DsCnn;

/// What is counted, once.
pub type Call = Box<dyn FnMut()>;

type Xor = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
type Sensor = chain![Dense<16, 64, Tanh>, Dense<64, 64, Tanh>, Dense<64, 8>];
type Digits = chain![Dense<784, 128, Relu>, Dense<128, 10, Softmax>];
type Classes = chain![Dense<64, 32, Relu>, Dense<32, 10>];
type Small = chain![Dense<16, 32, Tanh>, Dense<32, 4>];
/// Without the check for gradients that are not finite, whose cost the rows `checked` show.
type Unchecked = Direct<false>;
/// The images inside of DS-CNN.
type Map = Image<25, 5, 64>;
type OnStream = Conv1d<Sequence<64, 4>, Sequence<60, 8>, 5>;
type ClassLoss = SparseCategoricalCrossEntropy<Logits>;

/// Defines the functions of rows, one a line.
macro_rules! rows {
    ($($name:ident: $call:expr;)+) => {
        $(#[inline(never)] pub fn $name() -> Call { $call })+
    };
}

rows! {
    m8: infer::<Dense<8, 8>, 8>();
    m16: infer::<Dense<16, 16>, 16>();
    m32: infer::<Dense<32, 32>, 32>();
    m64: infer::<Dense<64, 64>, 64>();
    m128: infer::<Dense<128, 128>, 128>();
    v64: infer::<Dense<64, 64>, 1>();
    i1: infer::<Xor, 1>();
    i2: infer::<Sensor, 1>();
    i3: infer::<Digits, 1>();
    i3b: infer::<Digits, 32>();
    c1: push::<OnStream>();
    c2: infer::<Conv2d<Image<16, 16, 8>, Image<16, 16, 16>, 3, 3, 1, Relu>, 1>();
    c3: infer::<DepthwiseConv2d<Map, Map, 3, 3>, 1>();
    c4: infer::<Conv2d<Map, Map, 1, 1>, 1>();
    n1: infer::<DsCnn, 1>();
    r1: push::<chain![Lstm<Sequence<64, 1>, Sequence<64, 32>>, Dense<32, 1>]>();
    r2: push::<chain![Gru<Sequence<64, 1>, Sequence<64, 32>>, Dense<32, 1>]>();
    r3b1: step::<chain![Gru<Sequence<64, 6>, [f32; 32]>, Dense<32, 6>], ClassLoss, u8, _, 1, Unchecked>([2]);
    r4b1: step::<chain![Lstm<Sequence<64, 6>, [f32; 32]>, Dense<32, 6>], ClassLoss, u8, _, 1, Unchecked>([2]);
    t1: xor();
    t2: step::<Classes, ClassLoss, u8, _, 32, Unchecked>(from_fn(|i| i as u8 % 10));
    t3: step::<chain![Dense<784, 128, Relu>, Dense<128, 10>], ClassLoss, u8, _, 32, Unchecked>(from_fn(|i| i as u8 % 10));
    t4: step::<Small, MeanSquaredError, _, _, 1, Unchecked>([[0.5, -0.5, 0.0, 1.0]]);
    t2_checked: step::<Classes, ClassLoss, u8, _, 32, Direct>(from_fn(|i| i as u8 % 10));
    t4_checked: step::<Small, MeanSquaredError, _, _, 1, Direct>([[0.5, -0.5, 0.0, 1.0]]);
    exp: map(Exp);
    tanh: map(HyperbolicTangent);
    sigmoid: map(Logistic);
    adam: optimizer();
}

/// Numbers in [-1, 1), the same for the same seed, in a box that was never on the stack.
fn numbers<X: Tensor, const M: usize>(seed: u64) -> Box<[X; M]> {
    let mut rng = Sfc32::seed_from_u64(seed);
    let mut all = vec![X::ZERO; M];
    for x in X::flat_all_mut(&mut all) {
        *x = (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0;
    }
    all.into_boxed_slice().try_into().ok().unwrap()
}

/// Inference of `B` samples at once.
fn infer<N: Network + 'static, const B: usize>() -> Call {
    let mut net = Box::new(N::NEW);
    net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    let (x, mut y, mut scratch) = (numbers::<N::Input, B>(2), numbers::<N::Y, B>(3), vec![0.0; N::SCRATCH * B]);
    Box::new(move || {
        black_box(&net).infer(black_box(&*x), &mut *y, &mut scratch);
        black_box(&y);
    })
}

/// A step of a stream.
fn push<N: Stream + 'static>() -> Call {
    let mut net = Box::new(N::NEW);
    net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    let (x, mut memory) = (numbers::<StepOf<N::Input>, 5>(2), N::MEMORY);
    net.prime(&mut memory, &*x);
    Box::new(move || _ = black_box(black_box(&net).push(&mut memory, black_box(&x[0]))))
}

/// One training step on `B` samples, the third, so that the moments are not zero.
fn step<N, L, T, X: Tensor, const B: usize, G>(targets: [T; B]) -> Call
where
    N: Network<Input = X> + Layer<X> + 'static,
    L: Loss<<N as Layer<X>>::Y, T> + Default + 'static,
    T: 'static,
    G: Gradients + 'static,
{
    let mut model = Box::new(Trainer::<N, L, Adam, B, G>::untrained(L::default(), Adam::default()));
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    let x = numbers::<X, B>(2);
    let mut step = move || _ = black_box(model.step(black_box(&*x), black_box(&targets)).unwrap());
    step();
    step();
    Box::new(step)
}

/// 100 epochs of the XOR net, a sample at a time.
fn xor() -> Call {
    let (x, t) = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]);
    let mut model =
        Trainer::<Xor, BinaryCrossEntropy, Adam, 1, Unchecked>::untrained(Default::default(), Adam::default());
    (model.net.0.w, model.net.1.w) = ([[0.9, -0.4], [0.8, 0.7]], [[-0.9], [1.1]]);
    let fit = Fit { epochs: 100, batch_size: 1, shuffle: false };
    Box::new(move || _ = black_box(model.fit(black_box(&x), black_box(&t), &fit).unwrap()))
}

/// One step of Adam over 10,000 weights, the third.
fn optimizer() -> Call {
    let (mut w, mut moments) = (numbers::<[f32; 10_000], 1>(1), Box::new([[0.0; 10_000]; 2]));
    let (grad, mut adam) = (numbers::<[f32; 10_000], 1>(2), Adam::default());
    let mut step = move || {
        adam.begin_step();
        update(&adam, &mut w[0], 0, black_box(&grad[0]), &mut moments);
        black_box(&w);
    };
    step();
    step();
    Box::new(step)
}

/// `F` of 1024 numbers between −8 and 8.
fn map<F: elementwise::Map + 'static>(f: F) -> Call {
    let mut x = numbers::<[f32; 1024], 1>(1);
    x[0].iter_mut().for_each(|x| *x *= 8.0);
    Box::new(move || {
        elementwise::map(&f, black_box(&mut x[0]));
        black_box(&x);
    })
}

struct Exp;

impl elementwise::Map for Exp {
    #[inline(always)]
    fn map<V: Lanes>(&self, x: V) -> V {
        math::exp(x)
    }
}

struct HyperbolicTangent;

impl elementwise::Map for HyperbolicTangent {
    #[inline(always)]
    fn map<V: Lanes>(&self, x: V) -> V {
        math::tanh(x)
    }
}

struct Logistic;

impl elementwise::Map for Logistic {
    #[inline(always)]
    fn map<V: Lanes>(&self, x: V) -> V {
        math::sigmoid(x)
    }
}
