//! A training step in pieces gives the bits of the whole one, wherever it is cut.

use crate::common::cases::cases;
use crate::common::catalogue::{LayerVisitor, OptimizerVisitor, for_each_layer_and_composition, for_each_optimizer};
use crate::common::gain::Gain;
use crate::common::naive::Twin;
use crate::common::numbers::{bits, tensors};
use crate::common::passes;
use crate::common::weights;
use baregrad::Buffered;
use baregrad::clipping::{ClipNorm, ClipValue, GlobalClipNorm};
use baregrad::losses::Loss;
use baregrad::net::Layer;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Floats, Tensor, Zero};

const CAPACITY: usize = 3;
type Model<N, O> = Trainer<N, Squares, O, CAPACITY, Buffered>;

/// The sum of the squares, of outputs of any shape.
#[derive(Default)]
struct Squares;

impl<Y: Tensor> Loss<Y, Y> for Squares {
    const NAME: &'static str = "squares";

    fn value(&self, y: &Y, _: &Y) -> f32 {
        squares(y.flat())
    }

    fn gradient(&self, y: &Y, target: &Y, scale: f32, dy: &mut Y) -> f32 {
        for (y, dy) in y.flat().iter().zip(dy.flat_mut()) {
            *dy = 2.0 * scale * y;
        }
        self.value(y, target)
    }
}

fn squares(y: &[f32]) -> f32 {
    y.iter().map(|y| y * y).sum()
}

/// All that training leaves behind, and what inference then gives.
fn all<N: Network, O: Optimizer>(model: &mut Model<N, O>) -> Vec<u32> {
    let mut all = weights::read(&mut model.net);
    model.state.walk(&mut |slice| all.extend(slice));
    model.optimizer.numbers().walk(&mut |slice| all.extend(slice));
    all.push(model.rng.next_u32() as f32);
    bits(&all)
}

/// Some steps in pieces of these budgets, one after another.
fn check<N: Network, O: Optimizer + Clone>(optimizer: &O, budgets: &[usize]) {
    let fresh = || {
        let mut model = Box::new(Model::<N, O>::untrained(Squares, optimizer.clone()));
        model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
        model
    };
    let (mut whole, mut cut) = (fresh(), fresh());
    let (x, y) = (tensors::<N::Input>(CAPACITY, 2), [<N as Layer<N::Input>>::Y::ZERO; CAPACITY]);
    let mut budgets = budgets.iter().cycle();
    for count in [1, CAPACITY, 2] {
        let (x, y) = (&x[..count], &y[..count]);
        let before = bits(&weights::read(&mut cut.net));
        let want = whole.step(x, y).unwrap();
        let mut step = cut.begin(x, y).unwrap();
        let loss = loop {
            match step.advance(*budgets.next().unwrap()).unwrap() {
                std::task::Poll::Ready(loss) => break loss,
                std::task::Poll::Pending => {
                    let mut now = Vec::new();
                    step.net().tensors(0, &mut |_, values| now.extend(values));
                    if N::COUNT == N::TRAINABLE {
                        assert_eq!(bits(&now), before, "weights in between");
                    }
                }
            }
        };
        assert!(step.advance(0).unwrap().is_ready(), "a complete step stays complete");
        assert_eq!(loss.to_bits(), want.to_bits());
        assert_eq!(all(&mut cut), all(&mut whole), "{budgets:?}");
    }
}

type Plain = chain![Dense<3, 5, Tanh>, Dense<5, 2>];
/// Tensors longer than any vector, and a layer that normalises.
type Wide = chain![Dense<3, 70, Gelu>, LayerNorm<70>, Dense<70, 2>];
type Deep = chain![Dense<3, 70, Gelu>, LayerNorm<70>, Dropout<20>, Dense<70, 9, Relu>, Activate<Softsign>, Dense<9, 2, Softmax>];
type Head = chain![Frozen<chain![Dense<3, 8, Relu>, LayerNorm<8>]>, Dropout<30>, Dense<8, 5, Elu>, Frozen<Dense<5, 2>>];
type Composed = chain![
    BiasOnly<Dense<3, 6, Tanh>>,
    Residual<chain![Dense<6, 4, Relu, L1L2<3_000, 10_000>>, Dropout<20>, Dense<4, 6>]>,
    Concat<Dense<6, 3, Gelu>, Dense<6, 2, Linear, L2<10_000>>, 5>,
    Sum<Dense<5, 2>, chain![Residual<Frozen<Dense<5, 5>>>, Dense<5, 2>]>
];
type Nested = chain![chain![Dense<3, 6, Tanh>, Dense<6, 6, Relu, L1L2<100, 1000>>], Dense<6, 2>];

/// Whole and in the smallest pieces, with every optimiser.
struct Optimizers;

impl OptimizerVisitor for Optimizers {
    fn visit<O: Optimizer + Clone>(&mut self, _: &'static str, _: &'static str, optimizer: O) {
        for budgets in [&[0][..], &[usize::MAX], &[7, 100]] {
            check::<Wide, O>(&optimizer, budgets);
        }
    }
}

#[test]
fn every_optimizer() {
    for_each_optimizer(&mut Optimizers);
}

#[test]
fn clipped() {
    for budgets in [&[0][..], &[50]] {
        check::<Deep, _>(&ClipValue::new(Adam::default(), 0.01), budgets);
        check::<Deep, _>(&ClipNorm::new(Adam::default(), 0.01), budgets);
        check::<Nested, _>(&GlobalClipNorm::new(Momentum::default(), 0.01), budgets);
        check::<Deep, _>(&Scheduled::new(GlobalClipNorm::new(Sgd::default(), 0.01), ConstantRate(0.1)), budgets);
    }
}

/// The parts of every layer of the catalogue, one by one, are the whole.
struct Layers;

impl LayerVisitor for Layers {
    fn visit<X: Tensor, L: Twin<X>>(&mut self, stem: &'static str) {
        // Behind a layer that learns from what it hands back.
        for budgets in [&[0][..], &[40]] {
            check::<chain![Gain<X>, L], _>(&Adam::default(), budgets);
        }
        let mut layer = L::NEW;
        layer.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
        let x = tensors(CAPACITY, 2);
        let pass = |parts| passes::whole_or_parts::<CAPACITY, X, L>(&layer, &x, parts);
        assert_eq!(pass(true), pass(false), "{stem}");

        // A slice of the gradient a tensor, which clipping by the norm of each tensor relies on.
        if L::COUNT == L::TRAINABLE {
            let (mut tensors, mut slices) = (Vec::new(), Vec::new());
            layer.tensors(0, &mut |_, values| tensors.push(values.len()));
            L::Grad::ZERO.walk(&mut |slice| slices.push(slice.len()));
            // A recurrent layer without states of its own has empty tensors for them, one of which no optimiser sees.
            for lengths in [&mut slices, &mut tensors] {
                lengths.retain(|length| *length > 0);
            }
            assert_eq!(slices, tensors, "{stem}");
        }
    }
}

#[test]
fn every_layer() {
    for_each_layer_and_composition::<5>(&mut Layers);
}

#[test]
fn a_bad_loss_makes_no_step() {
    let mut model = Model::<Plain, Adam>::new(&mut Sfc32::seed_from_u64(1));
    let before = bits(&weights::read(&mut model.net));
    let (x, y) = ([[f32::NAN, 0.0, 0.0]], [[0.0; 2]]);
    let mut step = model.begin(&x, &y).unwrap();
    let error = loop {
        match step.advance(1) {
            Ok(poll) => assert!(poll.is_pending()),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::NonFiniteLoss { .. }));
    assert!(step.advance(1).is_err(), "from now on");
    assert_eq!(bits(&weights::read(&mut model.net)), before);
    assert_eq!(model.optimizer.numbers(), Adam::default().numbers());
    assert_eq!(model.begin(&x, &y[..0]).err(), Some(Error::LengthMismatch { samples: 1, targets: 0 }));
}

#[test]
fn wherever_it_is_cut() {
    cases(48, |draw| {
        let budgets: Vec<usize> = (0..draw.within(1..=11)).map(|_| draw.within(0..=2999)).collect();
        check::<Plain, Adam>(&Adam::default(), &budgets);
        check::<Deep, Adam>(&Adam::default(), &budgets);
        check::<Head, Momentum>(&Momentum::default(), &budgets);
        check::<Composed, Adam>(&Adam::default(), &budgets);
        check::<Nested, Nesterov>(&Nesterov::default(), &budgets);
        check::<Nested, Sgd>(&Sgd::default(), &budgets);
    });
}

/// One cut, after each number of the smallest pieces: those before it, and all the rest at once.
#[test]
fn every_cut() {
    for pieces in 0..80 {
        let mut budgets = vec![0; pieces];
        budgets.push(usize::MAX);
        check::<Plain, Adam>(&Adam::default(), &budgets);
        check::<Nested, Momentum>(&Momentum::default(), &budgets);
        check::<Composed, Adam>(&Adam::default(), &budgets);
    }
}

/// The pass of an optimiser makes a gradient of −0 a 0, but new weights are no gradients.
#[test]
fn weights_of_minus_zero() {
    let fresh = || {
        let mut model = Model::<Dense<3, 2>, Sgd>::untrained(Squares, Sgd::default());
        model.net.w = [[-0.0, 0.0]; 3];
        model.net.b = [-0.0; 2];
        model
    };
    let (mut whole, mut cut) = (fresh(), fresh());
    whole.step(&[[0.0; 3]], &[[0.0; 2]]).unwrap();
    let (x, y) = ([[0.0; 3]], [[0.0; 2]]);
    let mut step = cut.begin(&x, &y).unwrap();
    while step.advance(0).unwrap().is_pending() {}
    assert!(whole.net.w[0][0].is_sign_negative());
    assert_eq!(all(&mut cut), all(&mut whole));
}
