//! Each error, its numbers, and that the net is as it was.

use crate::common::catalogue::*;
use crate::common::numbers::{bits, samples};
use crate::common::weights;
use baregrad::activations::Activation;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::{Buffered, NonFinite};

type Net = chain![Dense<3, 5, Tanh>, Dense<5, 4>];
type Model<O = Adam> = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, O, 4>;

fn model() -> Model {
    Model::new(&mut Sfc32::seed_from_u64(3))
}

/// The call gives the error, and changes nothing that shows: the weights now, and those after a good step.
#[track_caller]
fn assert_error(want: Error, call: impl Fn(&mut Model) -> Result<f32, Error>) {
    let (mut tried, mut other) = (model(), model());
    let (x, t) = (samples::<3>(4, 1), [0_u8, 1, 2, 3]);
    tried.step(&x, &t).unwrap();
    other.step(&x, &t).unwrap();
    let before = bits(&weights::read(&mut tried.net));
    assert_eq!(call(&mut tried), Err(want));
    assert_eq!(bits(&weights::read(&mut tried.net)), before, "weights after the error");
    tried.step(&x, &t).unwrap();
    other.step(&x, &t).unwrap();
    assert_eq!(weights::read(&mut tried.net), weights::read(&mut other.net), "weights after the next step");
}

fn fit(batch_size: usize) -> Fit {
    Fit { epochs: 2, batch_size, shuffle: false }
}

#[test]
fn no_data() {
    assert_error(Error::Empty, |m| m.step::<u8>(&[], &[]));
    assert_error(Error::Empty, |m| m.fit::<[f32; 3], u8>(&[], &[], &fit(2)).map(|e| e.loss));
    assert_error(Error::Empty, |m| m.evaluate::<[f32; 3], u8>(&[], &[], &mut ()));
}

#[test]
fn unequal_lengths() {
    let x = samples::<3>(3, 2);
    let want = Error::LengthMismatch { samples: 3, targets: 2 };
    assert_error(want, |m| m.step(&x, &[0_u8, 1]));
    assert_error(want, |m| m.fit(&x, &[0_u8, 1], &fit(2)).map(|e| e.loss));
    assert_error(want, |m| m.evaluate(&x, &[0_u8, 1], &mut ()));
    assert_error(Error::LengthMismatch { samples: 0, targets: 1 }, |m| m.step(&[], &[0_u8]));
}

#[test]
fn class_without_output() {
    let x = samples::<3>(3, 2);
    let want = Error::ClassOutOfRange { sample: 2, class: 4, classes: 4 };
    assert_error(want, |m| m.step(&x, &[0_u8, 3, 4]));
    assert_error(want, |m| m.fit(&x, &[0_u16, 3, 4], &fit(2)).map(|e| e.loss));
    assert_error(want, |m| m.evaluate(&x, &[0_u32, 3, 4], &mut ()));
    let want = Error::ClassOutOfRange { sample: 0, class: usize::MAX, classes: 4 };
    assert_error(want, |m| m.step(&x, &[usize::MAX, 0, 0]));
}

/// The message blames the weights, not the net; a class that has neither blames the net.
#[test]
fn class_without_weight() {
    type Weighted = ClassWeighted<SparseCategoricalCrossEntropy<Logits>, 3>;
    let mut model = Trainer::<Net, Weighted, Sgd, 4>::new(&mut Sfc32::seed_from_u64(3));
    let x = samples::<3>(3, 2);
    let want = Error::ClassWithoutWeight { sample: 2, class: 3, weights: 3 };
    assert_eq!(model.step(&x, &[0_u8, 2, 3]), Err(want));
    assert_eq!(model.evaluate(&x, &[0_u8, 2, 3], &mut ()), Err(want));
    assert_eq!(model.step(&x, &[0_u8, 2, 4]), Err(Error::ClassOutOfRange { sample: 2, class: 4, classes: 4 }));
}

/// There is no epoch to return, and no loss.
#[test]
fn no_epochs() {
    let (x, t) = (samples::<3>(4, 2), [0_u8; 4]);
    assert_error(Error::NoEpochs, |m| m.fit(&x, &t, &Fit { epochs: 0, ..fit(2) }).map(|e| e.loss));
}

/// A plain sum of as many losses of 0.1 gives 0.0998.
#[test]
fn the_mean_of_many_losses() {
    let mut model = Trainer::<Dense<1, 1>, MeanAbsoluteError, Sgd, 1>::untrained(MeanAbsoluteError, Sgd::new(0.0));
    let (x, t) = (vec![[0.0]; 200_000], vec![[0.1]; 200_000]);
    assert_eq!(model.evaluate(&x, &t, &mut ()), Ok(0.1));
    assert_eq!(model.fit(&x, &t, &Fit { epochs: 1, batch_size: 1, shuffle: false }).map(|e| e.loss), Ok(0.1));
}

#[test]
fn batch_size() {
    let (x, t) = (samples::<3>(5, 2), [0_u8; 5]);
    assert_error(Error::BatchSize { batch_size: 5, capacity: 4 }, |m| m.step(&x, &t));
    assert_error(Error::BatchSize { batch_size: 5, capacity: 4 }, |m| m.fit(&x, &t, &fit(5)).map(|e| e.loss));
    assert_error(Error::BatchSize { batch_size: 0, capacity: 4 }, |m| m.fit(&x, &t, &fit(0)).map(|e| e.loss));
    assert!(model().evaluate(&x, &t, &mut ()).is_ok(), "evaluation takes any number");
}

#[test]
fn inference() {
    let net = model().net;
    let (x, mut y) = (samples::<3>(2, 2), [[7.0; 4]; 2]);
    let small = Error::ScratchTooSmall { floats: Net::SCRATCH - 1, needed: Net::SCRATCH };
    assert_eq!(net.infer_batch(&x, &mut y, &mut [0.0; Net::SCRATCH - 1]), Err(small));
    let unequal = Error::LengthMismatch { samples: 2, targets: 1 };
    assert_eq!(net.infer_batch(&x, &mut y[..1], &mut [0.0; Net::SCRATCH]), Err(unequal));
    assert_eq!(y, [[7.0; 4]; 2], "outputs after the errors");
    assert_eq!(net.infer_batch(&[], &mut [], &mut [0.0; Net::SCRATCH]), Ok(()));
}

#[test]
fn messages() {
    for (error, text) in [
        (Error::Empty, "the data set is empty"),
        (Error::LengthMismatch { samples: 3, targets: 2 }, "3 samples, but 2 targets"),
        (
            Error::ClassOutOfRange { sample: 1, class: 9, classes: 4 },
            "target 1 names class 9, but the net has 4 outputs",
        ),
        (Error::NoSuchOutput { output: 4, outputs: 4 }, "there is no output 4: the net has 4, counted from 0"),
        (Error::BatchSize { batch_size: 9, capacity: 4 }, "batch of 9 samples, but the trainer takes 1 to 4"),
        (Error::ScratchTooSmall { floats: 4, needed: 5 }, "scratch of 4 floats, but the net needs 5"),
        (
            Error::ClassWithoutWeight { sample: 1, class: 3, weights: 3 },
            "target 1 names class 3, but there are only 3 class weights",
        ),
        (Error::NoEpochs, "the training has 0 epochs"),
        (Error::NotMonitored, "the epoch lacks the figure that a callback monitors"),
        (Error::NonFiniteLoss { loss: NonFinite::Infinity, sample: None }, "the loss is inf; the step was not made"),
        (
            Error::NonFiniteLoss { loss: NonFinite::NegativeInfinity, sample: None },
            "the loss is -inf; the step was not made",
        ),
        (
            Error::NonFiniteLoss { loss: NonFinite::Nan, sample: Some(7) },
            "the loss is NaN, because of sample 7; the step was not made",
        ),
    ] {
        assert_eq!(error.to_string(), text);
        assert_eq!(format!("{error:?}"), text);
    }
}

/// A bad number at each place of a sample: no step, and the optimiser's moments stay, too.
struct BadNumbers;

impl OptimizerVisitor for BadNumbers {
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, _: &'static str, optimizer: O) {
        let fresh = || {
            let mut model = Model::<O>::untrained(Default::default(), optimizer.clone());
            model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(3));
            model
        };
        let (x, t) = (samples::<3>(4, 1), [0_u8, 1, 2, 3]);
        for place in 0..12 {
            let mut bad = x.clone();
            bad[place / 3][place % 3] = f32::NAN;
            let (mut tried, mut other) = (fresh(), fresh());
            for _ in 0..3 {
                tried.step(&x, &t).unwrap();
                other.step(&x, &t).unwrap();
                let error = tried.step(&bad, &t).unwrap_err();
                assert!(matches!(error, Error::NonFiniteLoss { loss: NonFinite::Nan, .. }), "{stem}: {error}");
                let same = bits(&weights::read(&mut tried.net)) == bits(&weights::read(&mut other.net));
                assert!(same, "{stem}: weights after NaN at {place}");
            }
        }
    }
}

#[test]
fn bad_numbers_make_no_step() {
    for_each_optimizer(&mut BadNumbers);
}

/// The first sample with a bad number is named by its place in the data: in a batch, in a set in any order and in a part of
/// one, in a step in pieces, and where a batch normalisation spreads NaN over the whole batch.
#[test]
fn the_bad_sample_is_named() {
    type Model = Trainer<chain![Dense<3, 4>, BatchNorm<4>, Dense<4, 2>], MeanSquaredError, Adam, 4, Buffered>;
    #[track_caller]
    fn names<T>(want: usize, result: Result<T, Error>) {
        match result.err() {
            Some(Error::NonFiniteLoss { sample, .. }) => assert_eq!(sample, Some(want)),
            other => panic!("{other:?}"),
        }
    }
    let mut model = Model::new(&mut Sfc32::seed_from_u64(3));
    for bad in 0..7 {
        for bad_number in [f32::NAN, f32::INFINITY] {
            for in_target in [false, true] {
                let (mut x, mut y) = (samples::<3>(7, 1), samples::<2>(7, 2));
                let at = if in_target { y[bad].last_mut() } else { x[bad].last_mut() };
                *at.unwrap() = bad_number;
                if let Some(bad) = bad.checked_sub(3) {
                    names(bad, model.step(&x[3..], &y[3..]));
                    let mut step = model.begin(&x[3..], &y[3..]).unwrap();
                    names(bad, step.advance(usize::MAX));
                }
                for shuffle in [false, true] {
                    names(bad, model.fit(&x, &y, &Fit { epochs: 1, batch_size: 3, shuffle }));
                    let fit = Fit { epochs: 1, batch_size: 2, shuffle };
                    for part in [Data::new(&x, &y), Data::new(&x, &y).shuffled(&mut Sfc32::NEW.clone())] {
                        let (first, last) = part.split(0.5);
                        for part in [first, last] {
                            if (0..part.len()).any(|i| std::ptr::eq(part.get(i).unwrap().0, &x[bad])) {
                                names(bad, model.fit_callbacks(part, &fit, ()));
                            }
                        }
                    }
                }
            }
        }
    }
    // Every number is finite, but not the loss.
    let overflow = model.step(&[[0.0; 3]; 4], &[[1e30; 2]; 4]);
    assert!(matches!(overflow, Err(Error::NonFiniteLoss { sample: None, .. })), "{overflow:?}");
}

/// Infinite data, weights and targets.
#[test]
fn infinite_numbers() {
    let mut model = Trainer::<Dense<2, 1>, MeanSquaredError, Adam, 2>::new(&mut Sfc32::NEW.clone());
    let before = bits(&weights::read(&mut model.net));
    for bad in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX] {
        assert!(matches!(model.step(&[[bad, 1.0]], &[[0.0]]), Err(Error::NonFiniteLoss { .. })), "input {bad}");
        assert!(matches!(model.step(&[[0.0, 1.0]], &[[bad]]), Err(Error::NonFiniteLoss { .. })), "target {bad}");
        let data = [[0.5, 0.5], [bad, 0.0]];
        let error = model.fit(&data, &[[0.0], [0.0]], &Fit { epochs: 1, batch_size: 2, shuffle: true });
        assert!(matches!(error, Err(Error::NonFiniteLoss { .. })), "data set with {bad}");
    }
    assert_eq!(bits(&weights::read(&mut model.net)), before);
}

/// NaN goes through every activation, alone and among others, and takes no neighbour along.
struct NotANumber;

impl ActivationVisitor for NotANumber {
    fn visit<A: Activation>(&mut self, _: &'static str) {
        let layer = Activate::<A>::NEW;
        let whole = A::NAME.ends_with("softmax");
        for place in 0..17 {
            for nan in [f32::NAN, -f32::NAN] {
                let mut x = [0.5; 17];
                x[place] = nan;
                let mut y = [[0.0; 17]];
                baregrad::net::Layer::infer(&layer, &[x], &mut y, &mut []);
                for (i, y) in y[0].iter().enumerate() {
                    assert_eq!(y.is_nan(), whole || i == place, "{}: NaN at {place}, output {i} is {y}", A::NAME);
                }
            }
        }
        assert!(A::value(f32::NAN).is_nan(), "{} of one NaN", A::NAME);
        assert!(A::slope(f32::NAN).is_nan() || A::slope(f32::NAN).is_finite(), "{}: its slope", A::NAME);
    }
}

#[test]
fn not_a_number_goes_through_activations() {
    for_each_activation(&mut NotANumber);
}
