//! Memory is a constant: sizes of all that a net needs, known when compiling.

use crate::common::passes;
use baregrad::net::{Flash, InFlash, Layer};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::{Buffered, Summary};
use std::sync::Mutex;

type Net = chain![Dense<64, 32, Relu>, Dense<32, 10>];
type Head = chain![Frozen<Dense<64, 32, Relu>>, Dense<32, 10>];
type State<N, O> = <N as Params>::State<O>;

const FLOAT: usize = size_of::<f32>();
/// The word that a checkpoint keeps beside the generator, `Trainer::progress`.
const PROGRESS: usize = size_of::<u32>();

// Budgets are checked when compiling.
const _: () = assert!(size_of::<Net>() == 2410 * FLOAT);
const _: () = assert!(size_of::<Head>() == 2410 * FLOAT);
const _: () = assert!(Net::COUNT == 2410 && Net::TRAINABLE == 2410);
const _: () = assert!(Head::COUNT == 2410 && Head::TRAINABLE == 330);
const _: () = assert!(size_of::<<Net as Params>::Grad>() == 2410 * FLOAT);
const _: () = assert!(size_of::<<Head as Params>::Grad>() == 330 * FLOAT);
const _: () = assert!(size_of::<State<Net, Sgd>>() == 0);
const _: () = assert!(size_of::<State<Net, Momentum>>() == 2410 * FLOAT);
const _: () = assert!(size_of::<State<Net, Adam>>() == 2 * 2410 * FLOAT);
const _: () = assert!(size_of::<State<Head, Adam>>() == 2 * 330 * FLOAT);
const _: () = assert!(size_of::<<Frozen<Net> as Params>::Grad>() == 0);
const _: () = assert!(size_of::<State<Frozen<Net>, Adam>>() == 0);
const _: () = assert!(size_of::<Activate<Gelu>>() == 0 && size_of::<Dropout<50>>() == 0);
const _: () = assert!(size_of::<LayerNorm<8>>() == 17 * FLOAT);

/// What a trainer holds besides weights, moments and gradient, for each sample: the gathered input, the outputs of both layers,
/// and their gradients, which lie in two buffers. A frozen first layer needs no buffer for the gradient of its output.
const fn activations(samples: usize) -> usize {
    (64 + 2 * 32 + 2 * 10) * samples * FLOAT
}

/// One buffer takes the gradient of the 32 activations from either layer. It is a choice of two types, though both have 32
/// floats, and says which one it is.
const CHOICE: usize = size_of::<u32>();

#[test]
fn trainers() {
    fn sizes<O: Optimizer>() -> [usize; 4] {
        [
            size_of::<Trainer<Net, MeanSquaredError, O, 1>>(),
            size_of::<Trainer<Net, MeanSquaredError, O, 32>>(),
            size_of::<Trainer<Net, MeanSquaredError, O, 1, Buffered>>(),
            size_of::<Trainer<Head, MeanSquaredError, O, 1>>(),
        ]
    }
    fn want(moments: usize, optimizer: usize) -> [usize; 4] {
        let rest = optimizer + size_of::<Sfc32>() + PROGRESS;
        [
            (1 + moments) * 2410 * FLOAT + activations(1) + CHOICE + rest,
            (1 + moments) * 2410 * FLOAT + activations(32) + CHOICE + rest,
            (2 + moments) * 2410 * FLOAT + activations(1) + CHOICE + rest,
            (2410 + moments * 330) * FLOAT + activations(1) - 32 * FLOAT + rest,
        ]
    }
    assert_eq!(sizes::<Sgd>(), want(0, size_of::<Sgd>()));
    assert_eq!(sizes::<Momentum>(), want(1, size_of::<Momentum>()));
    assert_eq!(sizes::<Nesterov>(), want(1, size_of::<Nesterov>()));
    assert_eq!(sizes::<Adam>(), want(2, size_of::<Adam>()));
}

/// Layers of `n` numbers, one after another.
type Two<const N: usize> = chain![Dense<N, N, Relu>, Dense<N, N, Relu>];
type Four<const N: usize> = chain![Dense<N, N, Relu>, Dense<N, N, Relu>, Dense<N, N, Relu>, Dense<N, N, Relu>];
type Eight<const N: usize> = chain![
    Dense<N, N, Relu>, Dense<N, N, Relu>, Dense<N, N, Relu>, Dense<N, N, Relu>,
    Dense<N, N, Relu>, Dense<N, N, Relu>, Dense<N, N, Relu>, Dense<N, N, Relu>
];

/// L equal layers keep L activations and two gradients, and a word for each buffer of gradients that is a choice of types.
#[test]
fn equal_layers() {
    fn check<const N: usize>() {
        assert_eq!(kept::<Two<N>>(), (2 + 2) * N * FLOAT + CHOICE);
        assert_eq!(kept::<Four<N>>(), (4 + 2) * N * FLOAT + 2 * CHOICE);
        assert_eq!(kept::<Eight<N>>(), (8 + 2) * N * FLOAT + 2 * CHOICE);
        // Nothing for the gradient of an input of 784 numbers.
        assert_eq!(kept::<chain![Dense<784, N, Relu>, Four<N>]>(), kept::<chain![Dense<N, N, Relu>, Four<N>]>());
    }
    check::<16>();
    check::<256>();
    // The trainer's own buffer of gathered inputs is all that a larger input adds beside the weights.
    type Model<N> = Trainer<N, MeanSquaredError, Sgd, 1>;
    type Wide = chain![Dense<784, 16, Relu>, Dense<16, 16, Relu>];
    let weights = size_of::<Wide>() - size_of::<Two<16>>();
    assert_eq!(size_of::<Model<Wide>>() - size_of::<Model<Two<16>>>(), weights + (784 - 16) * FLOAT);
}

/// Bytes of the activations and gradients of one sample.
fn kept<N: Network>() -> usize {
    passes::kept::<1, N>().bytes()
}

/// Chains in chains, and residual blocks.
#[test]
fn composed() {
    type Hourglass = chain![Dense<32, 24, Relu>, Dense<24, 32>];
    type Composed<Block> = chain![
        chain![Dense<784, 32, Relu>, Block],
        chain![Block, chain![Dense<32, 64, Relu>, Dense<64, 32, Relu>]],
        Dense<32, 4>
    ];
    // Outputs of the layers, and gradients of at most 64 and 32 numbers.
    let outputs = 32 + 2 * (24 + 32) + 64 + 32 + 4;
    assert_eq!(kept::<Composed<Hourglass>>(), (outputs + 64 + 32) * FLOAT + 3 * CHOICE);
    // A residual block keeps F(x) beside its output.
    assert_eq!(kept::<Composed<Residual<Hourglass>>>(), (outputs + 2 * 32 + 64 + 32) * FLOAT + 3 * CHOICE);
}

/// Nine layers, of which the last one is trained.
type Nine = chain![
    Dense<256, 256, Relu>, Dense<256, 256, Relu>, Dense<256, 256, Relu>, Dense<256, 256, Relu>, Dense<256, 256, Relu>,
    Dense<256, 256, Relu>, Dense<256, 256, Relu>, Dense<256, 256, Relu>, Dense<256, 4>
];

struct OfEight;
static EIGHT: Eight<256> = Eight::NEW;
impl Flash for OfEight {
    type Net = Eight<256>;
    fn net() -> &'static Eight<256> {
        &EIGHT
    }
}

/// A frozen beginning runs from layer to layer through two buffers, and leaves its output in one of them.
#[test]
fn frozen_beginning() {
    fn check<N: Network<Input = [f32; 256]>, O: Optimizer>() {
        let beside = size_of::<Trainer<N, MeanSquaredError, O, 1>>() - size_of::<N>() - size_of::<N::State<O>>();
        // The output of the prefix, a second buffer, which inference needs too as scratch, and the output of the head and its
        // gradient. Of each buffer, a word says which layer's output it holds.
        let memory = passes::kept::<1, N>();
        let buffer = 256 * FLOAT + CHOICE;
        assert_eq!((memory.trace, memory.y, memory.p, memory.q), (buffer, 4 * FLOAT, 4 * FLOAT, buffer));
        let others = size_of::<O>() + size_of::<Sfc32>() + PROGRESS;
        assert_eq!(beside, 256 * FLOAT + memory.bytes() + others);
        assert!(beside <= 3400, "{beside} bytes with input and scratch");
        assert!(beside - 256 * FLOAT - buffer <= 1300, "{beside} bytes less those of input and scratch");
    }
    check::<FreezeFirst<8, Nine>, Sgd>();
    check::<FreezeFirst<8, Nine>, Adam>();
    check::<chain![InFlash<OfEight>, Dense<256, 4>], Sgd>();
    check::<chain![InFlash<OfEight>, Dense<256, 4>], Adam>();
}

/// A block that is computed again keeps its output as any layer does, random numbers to begin again with, and what a batch
/// normalisation has found out.
#[test]
fn recomputed_blocks() {
    type Block = chain![Dense<64, 48, Relu>, Dropout<20>, Dense<48, 64, Relu>];
    type Net<B> = chain![Dense<64, 64, Relu>, B, B, Dense<64, 4>];
    let (plain, again) = (passes::kept::<8, Net<Block>>(), passes::kept::<8, Net<Recompute<Block>>>());
    // Outputs of the first layer and dropout, and the mask of dropout.
    assert_eq!(plain.trace, (3 * 64 + 2 * 3 * 48) * 8 * FLOAT);
    assert_eq!(again.trace, 3 * 64 * 8 * FLOAT + 2 * size_of::<Sfc32>());
    assert_eq!((plain.p, plain.q, plain.y), (again.p, again.q, again.y));

    type Normalised = Recompute<chain![Dense<64, 48>, BatchNorm<48, Relu>, Dense<48, 64, Relu>]>;
    // Mean and variance, and the number of rows.
    let statistics = 2 * 48 * FLOAT + size_of::<usize>();
    let trace = passes::kept::<8, chain![Dense<64, 64>, Normalised]>().trace - 64 * 8 * FLOAT;
    assert!((0..8).contains(&(trace - statistics - size_of::<Sfc32>())), "{trace}");
}

/// Scratch is the two largest neighbouring activations at most: input and output of a net lie elsewhere.
#[test]
fn scratch() {
    assert_eq!(Dense::<64, 32>::SCRATCH, 0);
    assert_eq!(Net::SCRATCH, 32);
    type Deep = chain![Dense<4, 100>, Dense<100, 30>, Activate<Relu>, Dense<30, 50>, Dense<50, 2>];
    assert_eq!(Deep::SCRATCH, 130);
    type Late = chain![Dense<4, 10>, Dense<10, 30>, LayerNorm<30>, Dense<30, 70>, Dense<70, 2>];
    assert_eq!(Late::SCRATCH, 100);
    type Nested = chain![Dense<4, 10>, chain![Dense<10, 30>, Dense<30, 70>], Dense<70, 2>];
    assert_eq!(Nested::SCRATCH, 100, "a chain in the middle uses the place of its input");
    assert_eq!(<chain![Frozen<Deep>, Dense<2, 1>]>::SCRATCH, 130);
}

type Static = Trainer<Head, MeanSquaredError, Adam, 1>;
static TRAINER: Mutex<Static> = Mutex::new(Static::untrained(MeanSquaredError, Adam::new(1e-2)));

/// Weights in flash, and a trainer that is never on the stack.
#[test]
fn statics() {
    static FLASH: Dense<2, 1, Relu> = Dense::from_weights([[1.0], [2.0]], [0.5]);
    let mut y = [0.0];
    FLASH.infer_one(&[10.0, 20.0], &mut y, &mut []);
    assert_eq!(y, [50.5]);

    let mut trainer = TRAINER.lock().unwrap();
    trainer.init(&HeUniform, &mut Sfc32::seed_from_u64(5));
    let first = trainer.step(&[[0.1; 64]], &[[1.0; 10]]).unwrap();
    let second = trainer.step(&[[0.1; 64]], &[[1.0; 10]]).unwrap();
    assert!(second < first);
}

#[test]
fn summaries() {
    type Mixed = chain![Frozen<Dense<64, 32, Relu>>, LayerNorm<32>, Dropout<20>, Activate<Gelu>, Dense<32, 10>];
    assert_eq!(Summary::<Mixed>::new().to_string(), MIXED);
    let model = Trainer::<Net, MeanSquaredError, Sgd, 1>::new(&mut Sfc32::seed_from_u64(1));
    assert_eq!(model.summary().to_string(), NET);
}

/// What freezing saves: the summary says it, and `size_of` confirms it.
#[test]
fn summaries_before_and_after_freezing() {
    fn check<N: Network<Input = [f32; 64]> + Layer<[f32; 64], Y = [f32; 10]>>() -> usize {
        type Model<N> = Trainer<N, MeanSquaredError, Adam, 1, Buffered>;
        let model = Box::new(Model::<N>::untrained(MeanSquaredError, Adam::default()));
        let (all, weights) = (size_of::<Model<N>>(), size_of::<N>());
        let (gradient, moments) = (size_of::<N::Grad>(), size_of::<N::State<Adam>>());
        let others = size_of::<Adam>() + size_of::<Sfc32>() + PROGRESS;
        let activations = all - weights - gradient - moments - others;
        let want = format!(
            "Training:   {all} bytes of RAM:\n  weights {weights}, gradient {gradient}, moments {moments}, activations \
             {activations},\n  others {others}\n"
        );
        assert!(model.summary().to_string().ends_with(&want), "{} does not end in {want}", model.summary());
        all
    }
    // A gradient and two moments of the weights, and the gradient of their layer's output.
    assert_eq!(check::<Net>() - check::<Head>(), 3 * 2080 * FLOAT + 32 * FLOAT + CHOICE);
    type Block = chain![Dense<32, 24, Tanh>, Dropout<10>, Dense<24, 32>];
    type Blocks<B> = chain![Dense<64, 32, Relu>, B, Dense<32, 10>];
    // Three activations of 24: of the dense layer, of dropout, and its mask.
    let saved = check::<Blocks<Residual<Block>>>() - check::<Blocks<Residual<Recompute<Block>>>>();
    assert_eq!(saved, 3 * 24 * FLOAT - size_of::<Sfc32>());
}

const MIXED: &str = "\
Layer (activation)          Output shape       Param #   Trainable
Dense (relu)                32                    2080           0
LayerNorm                   32                      64          64
Dropout                     32                       0           0
Activation (gelu)           32                       0           0
Dense (linear)              10                     330         330
Parameters: 2474 (394 trainable)
Inference:  9900 bytes in flash, 552 bytes of RAM
";

const NET: &str = "\
Layer (activation)          Output shape       Param #   Trainable
Dense (relu)                32                    2080        2080
Dense (linear)              10                     330         330
Parameters: 2410 (2410 trainable)
Inference:  9640 bytes in flash, 424 bytes of RAM
Training:   10260 bytes of RAM:
  weights 9640, gradient 0, moments 0, activations 596,
  others 24
";

/// The second buffer of a frozen beginning is that of the walk back, too.
#[test]
fn the_buffers_of_a_frozen_beginning() {
    type Net = chain![InFlash<OfEight>, Dense<256, 256>, Dense<256, 4>];
    let memory = passes::kept::<1, Net>();
    let buffer = 256 * FLOAT + CHOICE;
    assert_eq!((memory.trace, memory.q), (buffer + 256 * FLOAT, buffer + CHOICE));
}
