//! Memory is a constant: sizes of all that a net needs, known when compiling.

use baregrad::net::Layer;
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

/// What a trainer holds besides weights, moments and gradient: activations and their gradients for each sample, the
/// optimiser and the random numbers.
const fn activations(samples: usize) -> usize {
    (64 + 2 * 32 + 2 * 10) * samples * FLOAT
}

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
            (1 + moments) * 2410 * FLOAT + activations(1) + rest,
            (1 + moments) * 2410 * FLOAT + activations(32) + rest,
            (2 + moments) * 2410 * FLOAT + activations(1) + rest,
            (2410 + moments * 330) * FLOAT + activations(1) + rest,
        ]
    }
    assert_eq!(sizes::<Sgd>(), want(0, size_of::<Sgd>()));
    assert_eq!(sizes::<Momentum>(), want(1, size_of::<Momentum>()));
    assert_eq!(sizes::<Nesterov>(), want(1, size_of::<Nesterov>()));
    assert_eq!(sizes::<Adam>(), want(2, size_of::<Adam>()));
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
    assert_eq!(Nested::SCRATCH, 110, "a chain in the middle keeps its input beside its own activations");
    assert_eq!(<chain![Frozen<Deep>, Dense<2, 1>]>::SCRATCH, 132, "a nested first part keeps its output beside it");
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
    assert_eq!(check::<Net>() - check::<Head>(), 3 * 2080 * FLOAT);
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
Training:   10256 bytes of RAM:
  weights 9640, gradient 0, moments 0, activations 592,
  others 24
";
