//! A step that fails changes nothing; with a direct update, a gradient that is not finite leaves its layer and those before it.

use super::handed::Handed;
use crate::common::catalogue::{OptimizerVisitor, for_each_optimizer};
use crate::common::numbers::{bits, samples};
use crate::common::weights;
use baregrad::clipping::GlobalClipNorm;
use baregrad::net::{Backward, Layer, LayerInfo, Mode};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Floats, Parameterless, Tensor, Want};
use baregrad::{Accumulate, Buffered, Direct, Gradients, NonFinite, leaf};
use std::cell::Cell;
use std::task::Poll;

thread_local! {
    /// Which fault makes its input's gradient infinite.
    static ARMED: Cell<usize> = const { Cell::new(0) };
}

/// A layer that does nothing, until it is armed.
struct Fault<const ID: usize>;

impl<const ID: usize> Parameterless for Fault<ID> {
    const LAYER: Self = Fault;
}

impl<X: Tensor, const ID: usize> Layer<X> for Fault<ID> {
    type Y = X;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X);

    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        y.copy_from_slice(x);
    }

    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [X], (): &mut (), _: Mode<'_>) {
        y.copy_from_slice(x);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, X>("Fault", ""));
    }
}

impl<X: Tensor, const ID: usize> Backward<X> for Fault<ID> {
    fn backward<const B: usize, W: Want>(&self, _: &[X], _: &[X], (): &mut (), dy: &mut [X], dx: Option<&mut [X]>) {
        let factor = if ARMED.get() == ID { f32::INFINITY } else { 1.0 };
        for (dy, dx) in X::flat_all(dy).iter().zip(X::flat_all_mut(dx.unwrap_or_default())) {
            *dx = factor * dy;
        }
    }
}

/// The layers' numbers are those behind them.
type Net = chain![
    Dense<3, 4, Tanh>,                                                // 0
    Fault<1>,                                                         // 1
    Residual<chain![Dense<4, 4, Tanh>, BatchNorm<4>, Fault<2>]>,      // 2 to 4
    Frozen<Dense<4, 4>>,                                              // 5
    Fault<3>,                                                         // 6
    Concat<
        chain![Dense<4, 2>, Fault<4>],                                // 7 and 8
        chain![Fault<5>, LayerNorm<4>, Recompute<chain![Dense<4, 3, Gelu>, Fault<6>]>], // 9 to 12
        5
    >,
    Fault<7>,                                                         // 13
    Dense<5, 2>                                                       // 14
];

/// Each fault, and the first trained layer on the way back behind it. After fault 5, the first branch goes back too.
const FAULTS: [(usize, usize); 7] = [(1, 0), (2, 3), (3, 3), (4, 7), (5, 3), (6, 11), (7, 11)];

const CAPACITY: usize = 3;
type Model<O, G> = Trainer<Net, Handed, O, CAPACITY, G>;

fn fresh<O: Optimizer, G: Gradients>(optimizer: O) -> Box<Model<O, G>> {
    ARMED.set(0);
    let mut model = Box::new(Model::<O, G>::untrained(Handed, optimizer));
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    for seed in [1, 2] {
        model.step(&samples(CAPACITY, seed), &samples::<2>(CAPACITY, seed + 9)).unwrap();
    }
    model
}

/// Bits of all weights with moving statistics, of the moments, and of the optimiser's numbers.
#[derive(Debug, PartialEq)]
struct All {
    weights: Vec<u32>,
    moments: Vec<u32>,
    numbers: Vec<u32>,
}

fn all<O: Optimizer, G: Gradients>(model: &Model<O, G>) -> All {
    let (mut moments, mut numbers) = (Vec::new(), Vec::new());
    model.state.walk(&mut |slice| moments.extend(slice));
    model.optimizer.numbers().walk(&mut |slice| numbers.extend(slice));
    All { weights: bits(&weights::all(&model.net)), moments: bits(&moments), numbers: bits(&numbers) }
}

/// Everything is unchanged, and the next step is as if there had been none before it.
fn nothing_changes<O: Optimizer + Clone, G: Gradients>(
    optimizer: &O,
    step: impl Fn(&mut Model<O, G>, &[[f32; 3]], &[[f32; 2]]) -> Result<f32, Error>,
) {
    let batch = |seed| (samples::<3>(CAPACITY, seed), samples::<2>(CAPACITY, seed + 9));
    let (x, dy) = batch(3);
    for (fault, layer) in [(0, 0)].into_iter().chain(FAULTS) {
        let (mut tried, mut other) = (fresh::<O, G>(optimizer.clone()), fresh::<O, G>(optimizer.clone()));
        let before = all(&tried);
        ARMED.set(fault);
        if fault == 0 {
            let error = step(&mut tried, &x, &[[0.0, 1.0], [f32::NAN, 1.0], [0.0, 1.0]]).unwrap_err();
            assert!(matches!(error, Error::NonFiniteLoss { loss: NonFinite::Nan, sample: Some(1) }), "{error}");
            let error = step(&mut tried, &x, &[[0.0, 1.0], [f32::INFINITY, 1.0], [0.0, 1.0]]).unwrap_err();
            assert_eq!(error, Error::NonFiniteGradient { layer: 14 });
        } else {
            assert_eq!(step(&mut tried, &x, &dy), Err(Error::NonFiniteGradient { layer }), "fault {fault}");
        }
        assert_eq!(all(&tried), before, "{} after fault {fault}", O::NAME);
        ARMED.set(0);
        let (x, dy) = batch(4);
        assert_eq!(step(&mut tried, &x, &dy), step(&mut other, &x, &dy));
        assert_eq!(all(&tried), all(&other), "{} in the step after fault {fault}", O::NAME);
    }
}

#[test]
fn buffered() {
    nothing_changes::<_, Buffered>(&Adam::default(), |model, x, dy| model.step(x, dy));
    let clipped = GlobalClipNorm::new(Momentum::default(), 0.1);
    nothing_changes::<_, Buffered>(&clipped, |model, x, dy| model.step(x, dy));
}

#[test]
fn in_pieces() {
    for budget in [0, 50, 300, usize::MAX] {
        nothing_changes::<_, Buffered>(&Adam::default(), |model, x, dy| {
            let mut step = model.begin(x, dy)?;
            loop {
                match step.advance(budget) {
                    Ok(Poll::Ready(loss)) => return Ok(loss),
                    Ok(Poll::Pending) => {}
                    Err(error) => {
                        // From now on, even if the fault goes away.
                        ARMED.set(0);
                        for _ in 0..60 {
                            let again = step.advance(budget).expect_err("it has failed");
                            assert_eq!(again.to_string(), error.to_string());
                        }
                        return Err(error);
                    }
                }
            }
        });
    }
}

/// The layer of the fault and those before it are unchanged, and so are all numbers and moving statistics.
fn later_layers_change<O: Optimizer + Clone>(optimizer: &O) {
    // The layer of each weight, and whether it is trained.
    let mut layers = Vec::new();
    Net::NEW.tensors(0, &mut |name, values| layers.extend(values.iter().map(|_| name.layer)));
    let places = weights::trained::<Net>();
    let moments = <<Net as Params>::State<O> as Floats>::FLOATS / Net::TRAINABLE;
    let last = (0, 14);
    for (fault, layer) in FAULTS.into_iter().chain([last]) {
        let mut model = fresh::<O, Direct>(optimizer.clone());
        let before = all(&model);
        ARMED.set(fault);
        let dy = if fault == 0 { [[f32::INFINITY; 2]; CAPACITY] } else { [[0.5, -0.7]; CAPACITY] };
        let error = model.step(&samples::<3>(CAPACITY, 3), &dy).unwrap_err();
        assert_eq!(error, Error::NonFiniteGradient { layer }, "fault {fault}");
        let (after, what) = (all(&model), format!("{} after fault {fault}", O::NAME));
        assert_eq!(after.numbers, before.numbers, "{what}");
        // The moments of a layer lie together.
        let unchanged = moments * places.iter().filter(|place| layers[**place] <= layer).count();
        assert_eq!(after.moments[..unchanged], before.moments[..unchanged], "{what}");
        let changed: Vec<usize> = (0..Net::COUNT).filter(|i| after.weights[*i] != before.weights[*i]).collect();
        assert!(changed.iter().all(|place| places.contains(place)), "{what}: moving statistics and frozen layers");
        for of in 0..Net::LAYERS {
            let wanted = of > layer && places.iter().any(|place| layers[*place] == of);
            assert_eq!(changed.iter().any(|place| layers[*place] == of), wanted, "{what}: layer {of}");
        }
    }
}

#[test]
fn direct() {
    later_layers_change(&Adam::default());
    later_layers_change(&Scheduled::new(Momentum::default(), ExponentialDecay::new(0.05, 1, 0.9)));
}

/// A step that fails draws no random numbers, whether the loss or a gradient is bad.
#[test]
fn no_random_numbers_are_lost() {
    type Random = chain![Dense<3, 4>, Dropout<50>, Fault<1>, Recompute<Dropout<10>>, Dense<4, 2>];
    fn check<G: Gradients>(step: impl Fn(&mut Trainer<Random, Handed, Adam, 3, G>, &[[f32; 2]]) -> Result<f32, Error>) {
        let mut model = Trainer::<Random, Handed, Adam, 3, G>::new(&mut Sfc32::seed_from_u64(1));
        let before = model.rng.clone();
        ARMED.set(1);
        assert_eq!(step(&mut model, &[[1.0; 2]; 3]), Err(Error::NonFiniteGradient { layer: 0 }));
        ARMED.set(0);
        assert!(matches!(step(&mut model, &[[f32::NAN; 2]; 3]), Err(Error::NonFiniteLoss { .. })));
        assert_eq!(model.rng, before);
        step(&mut model, &[[1.0; 2]; 3]).unwrap();
        assert_ne!(model.rng, before);
    }
    let x = samples::<3>(3, 1);
    check::<Direct>(|model, dy| model.step(&x, dy));
    check::<Buffered>(|model, dy| model.step(&x, dy));
    check::<Accumulate<2>>(|model, dy| model.step(&x, dy));
    check::<Buffered>(|model, dy| {
        let mut step = model.begin(&x, dy)?;
        loop {
            if let Poll::Ready(loss) = step.advance(0)? {
                return Ok(loss);
            }
        }
    });
}

type One<O, G> = Trainer<Dense<1, 1>, Handed, O, 2, G>;

/// What waits is dropped with a gradient that is not finite, but not with a loss.
#[test]
fn accumulated() {
    let run = |batches: &[f32]| {
        let mut model = One::<Momentum, Accumulate<3>>::new(&mut Sfc32::seed_from_u64(1));
        for dy in batches {
            let before = bits(&weights::all(&model.net));
            let result = model.step(&[[0.5]; 2], &[[*dy]; 2]);
            assert_eq!(result.is_ok(), dy.is_finite());
            assert!(result.is_ok() || bits(&weights::all(&model.net)) == before);
        }
        bits(&weights::all(&model.net))
    };
    let (bad, nan) = (f32::INFINITY, f32::NAN);
    assert_eq!(run(&[1.0, 2.0, bad, 3.0, 4.0, 5.0]), run(&[3.0, 4.0, 5.0]));
    assert_eq!(run(&[3.0, nan, 4.0, nan, 5.0]), run(&[3.0, 4.0, 5.0]));
    assert_eq!(run(&[1.0, 2.0, bad, 3.0, 4.0]), run(&[]));
}

/// Gradients that are finite each, and whose sum is not.
#[test]
fn a_sum_that_overflows() {
    let mut model = One::<Sgd, Accumulate<3>>::new(&mut Sfc32::seed_from_u64(1));
    let before = bits(&weights::all(&model.net));
    let mut refused = 0;
    for _ in 0..6 {
        match model.step(&[[0.0]], &[[3e38]]) {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error, Error::NonFiniteGradient { layer: 0 });
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    assert_eq!(bits(&weights::all(&model.net)), before);
}

#[test]
fn without_a_look_at_the_gradient() {
    let mut model = One::<Sgd, Direct<false>>::new(&mut Sfc32::seed_from_u64(1));
    assert_eq!(model.step(&[[1.0]], &[[f32::INFINITY]]), Ok(1.0));
    assert!(model.net.w[0][0].is_infinite());
}

/// The gradient of a failed piece must not be taken for that of the next one: here it would be finite at the second try.
#[test]
fn a_piece_that_failed_is_not_made_again() {
    let mut model = Trainer::<Dense<1, 1, Tanh>, Handed, Sgd, 1, Buffered>::untrained(Handed, Sgd::default());
    model.net.w = [[0.5]];
    let before = bits(&weights::all(&model.net));
    let (x, dy) = ([[2.0]], [[3.4e38]]);
    let mut step = model.begin(&x, &dy).unwrap();
    let error = loop {
        if let Err(error) = step.advance(0) {
            break error;
        }
    };
    assert_eq!(error, Error::NonFiniteGradient { layer: 0 });
    assert!((0..20).all(|_| step.advance(0) == Err(error)));
    assert_eq!(bits(&weights::all(&model.net)), before);
}

/// A finite loss whose gradient overflows on its way, or is too much for the input.
#[test]
fn real_layers() {
    type Net = chain![Dense<1, 1>, Dense<1, 1>];
    let mut model = Trainer::<Net, MeanSquaredError, Adam, 1, Buffered>::untrained(MeanSquaredError, Adam::default());
    (model.net.0.w, model.net.1.w) = ([[1e-30]], [[1e30]]);
    assert_eq!(model.step(&[[1.0]], &[[1e10]]), Err(Error::NonFiniteGradient { layer: 0 }));
    (model.net.0.w, model.net.1.w) = ([[0.0]], [[1.0]]);
    assert_eq!(model.step(&[[3e38]], &[[1e3]]), Err(Error::NonFiniteGradient { layer: 0 }));
    (model.net.0.b, model.net.1.w) = ([3e38], [[0.0]]);
    assert_eq!(model.step(&[[1.0]], &[[1e3]]), Err(Error::NonFiniteGradient { layer: 1 }));
    assert_eq!((model.net.0.w, model.net.0.b, model.net.1.w, model.net.1.b), ([[0.0]], [3e38], [[0.0]], [0.0]));
}

/// A gradient of 1e20 is a gradient.
struct Large;

impl OptimizerVisitor for Large {
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, variant: &'static str, optimizer: O) {
        let mut model = One::<O, Direct>::untrained(Handed, optimizer);
        for dy in [1e20, -1e20, 1.0, -2.0] {
            model.step(&[[1.0]], &[[dy]]).unwrap();
            let finite = weights::all(&model.net).iter().all(|w| w.is_finite());
            assert!(finite, "{stem} {variant} after a gradient of {dy}: {:?}", model.net.w);
        }
    }
}

#[test]
fn a_large_gradient_is_not_refused() {
    for_each_optimizer(&mut Large);
}
