//! After `init` or `decode`, nothing of an earlier training is left: two trainers agree bit for bit, whatever one has done.

use super::model::{encoded, words};
use crate::common::cases::{Draw, cases};
use crate::common::catalogue::{OptimizerVisitor, for_each_optimizer};
use crate::common::numbers::samples;
use baregrad::clipping::{ClipNorm, ClipValue, GlobalClipNorm};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::{Accumulate, Buffered, Direct, Gradients, file};

/// Every layer that draws random numbers, has statistics of its own, is frozen, or trains a part of its tensors.
type Net = chain![
    Frozen<chain![Dense<3, 4, Tanh>, BatchNorm<4>]>,
    Dropout<30>,
    Residual<chain![Dense<4, 4, Tanh>, BatchNorm<4>]>,
    Recompute<chain![GaussianNoise<10>, LayerNorm<4>, BiasOnly<Dense<4, 4>>]>,
    Dense<4, 2, Linear, L2<100>>
];

const CAPACITY: usize = 3;
type Model<O, G> = Trainer<Net, MeanSquaredError, O, CAPACITY, G>;

/// A trainer that can make one more thing between two steps: a part of a step in pieces.
trait Pieces {
    fn pieces(&mut self, _: &mut Draw) {}
}

impl<O: Optimizer, const CHECKED: bool> Pieces for Model<O, Direct<CHECKED>> {}
impl<O: Optimizer, const STEPS: u32> Pieces for Model<O, Accumulate<STEPS>> {}

impl<O: Optimizer> Pieces for Model<O, Buffered> {
    fn pieces(&mut self, draw: &mut Draw) {
        let (x, y) = batch(draw);
        let mut step = self.begin(&x, &y).unwrap();
        for _ in 0..draw.within(0..=12) {
            let _ = step.advance(draw.within(0..=400)).unwrap();
        }
    }
}

fn batch(draw: &mut Draw) -> (Vec<[f32; 3]>, Vec<[f32; 2]>) {
    let (n, seed) = (draw.within(1..=CAPACITY), draw.seed());
    (samples(n, seed), samples(n, seed + 1))
}

fn fit(model: &mut Model<impl Optimizer, impl Gradients>, draw: &mut Draw) -> u32 {
    let (x, y) = (samples::<3>(7, draw.seed()), samples::<2>(7, draw.seed()));
    let fit = Fit { epochs: draw.within(1..=2), batch_size: draw.within(1..=CAPACITY), shuffle: true };
    model.fit(&x, &y, &fit).unwrap().loss.to_bits()
}

/// Does some of all that a trainer can do.
fn use_it<O: Optimizer, G: Gradients>(model: &mut Model<O, G>, draw: &mut Draw)
where
    Model<O, G>: Pieces,
{
    for _ in 0..draw.within(1..=5) {
        let (mut x, y) = batch(draw);
        match draw.within(0..=5) {
            0 => _ = model.step(&x, &y).unwrap(),
            1 => {
                // It fails, unless a dropout drops what is NaN.
                x[0][0] = f32::NAN;
                let _ = model.step(&x, &y);
            }
            2 => _ = fit(model, draw),
            3 => _ = model.evaluate(&x, &y, &mut ()).unwrap(),
            4 => (model.progress, model.rng) = (model.progress + 7, Sfc32::seed_from_u64(draw.seed())),
            _ => model.pieces(draw),
        }
    }
}

fn law<O: Optimizer + Clone, G: Gradients>(what: &str, optimizer: &O, draw: &mut Draw)
where
    Model<O, G>: Pieces,
{
    let fresh = || Box::new(Model::<O, G>::untrained(MeanSquaredError, optimizer.clone()));
    let seed = draw.seed();
    let mut saved = fresh();
    saved.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed));
    use_it(&mut saved, draw);
    let saved = encoded(&*saved);
    let begins: [&dyn Fn(&mut Model<O, G>); 2] =
        [&|model| model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed)), &|model| {
            file::decode(model, &saved).unwrap()
        }];
    for (name, begin) in ["init", "decode"].into_iter().zip(begins) {
        let (mut used, mut new) = (fresh(), fresh());
        used.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed + 1));
        use_it(&mut used, draw);
        begin(&mut used);
        begin(&mut new);
        assert_eq!(words(&*used), words(&*new), "{what}, {name}");
        // The same inputs from here on.
        let seed = draw.seed();
        let [a, b] = [&mut used, &mut new].map(|model| {
            let draw = &mut Draw::of(seed);
            let mut losses = vec![fit(model, draw)];
            for _ in 0..3 {
                let (x, y) = batch(draw);
                losses.push(model.step(&x, &y).unwrap().to_bits());
            }
            losses
        });
        assert_eq!(a, b, "{what}, losses after {name}");
        assert_eq!(words(&*used), words(&*new), "{what}, a run after {name}");
    }
}

struct Law<'a>(&'a mut Draw);

impl OptimizerVisitor for Law<'_> {
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, variant: &'static str, optimizer: O) {
        let what = format!("{stem} {variant}");
        law::<O, Accumulate<3>>(&what, &optimizer, self.0);
    }
}

#[test]
fn nothing_is_left_of_an_earlier_run() {
    cases(12, |draw| {
        for_each_optimizer(&mut Law(draw));
        law::<Adam, Direct>("direct", &Adam::default(), draw);
        law::<Adam, Direct<false>>("unchecked", &Adam::default(), draw);
        law::<Adam, Accumulate<0>>("by hand", &Adam::default(), draw);
        law::<Adam, Buffered>("buffered", &Adam::default(), draw);
        law::<_, Buffered>("norm", &ClipNorm::new(Nadam::default(), 0.1), draw);
        law::<_, Accumulate<2>>("global", &GlobalClipNorm::new(ClipValue::new(Adamax::default(), 0.1), 0.1), draw);
    });
}

/// Waiting gradients go on from a checkpoint, also where fewer batches make a step.
#[test]
fn waiting_gradients_are_saved() {
    type Waits<const STEPS: u32> = Model<Adam, Accumulate<STEPS>>;
    let (x, y) = (samples::<3>(12, 1), samples::<2>(12, 2));
    let mut model = Waits::<4>::new(&mut Sfc32::seed_from_u64(1));
    for (x, y) in x.chunks(2).zip(y.chunks(2)).take(3) {
        model.step(x, y).unwrap();
    }
    let file = encoded(&model);
    let before = model.net.1.1.0.0.0.w;
    let mut resumed = Waits::<4>::new(&mut Sfc32::seed_from_u64(2));
    file::decode(&mut resumed, &file).unwrap();
    let mut fewer = Waits::<2>::new(&mut Sfc32::seed_from_u64(2));
    file::decode(&mut fewer, &file).unwrap();
    for model in [&mut model, &mut resumed] {
        assert_eq!(model.net.1.1.0.0.0.w, before);
        model.step(&x[6..8], &y[6..8]).unwrap();
        assert_ne!(model.net.1.1.0.0.0.w, before);
    }
    fewer.step(&x[6..8], &y[6..8]).unwrap();
    assert_eq!(words(&resumed), words(&model));
    assert_eq!(words(&fewer), words(&model));
    assert_eq!(resumed.apply(), 0);
}

/// A step in pieces that is dropped has not counted, and has drawn no random numbers. Before the update, nothing at all has
/// changed.
#[test]
fn a_dropped_step_has_not_counted() {
    type Counts = Model<Scheduled<Adam, ConstantRate>, Buffered>;
    let (x, y) = (samples::<3>(2, 1), samples::<2>(2, 2));
    let fresh = || {
        let mut model = Counts::untrained(MeanSquaredError, Scheduled::new(Adam::default(), ConstantRate(0.1)));
        model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
        model.step(&x, &y).unwrap();
        model
    };
    let (mut changed, mut pieces) = (0, 0);
    loop {
        let mut model = fresh();
        let mut step = model.begin(&x, &y).unwrap();
        let done = (0..pieces).any(|_| step.advance(0).unwrap().is_ready());
        let (all, want) = (words(&model), words(&fresh()));
        if done {
            assert_eq!(model.optimizer.step, 2);
            break;
        }
        assert_eq!(model.optimizer.numbers(), fresh().optimizer.numbers(), "after {pieces} pieces");
        assert_eq!(model.rng, fresh().rng, "after {pieces} pieces");
        assert_eq!(all[..Net::COUNT], want[..Net::COUNT], "weights after {pieces} pieces");
        changed += usize::from(all != want);
        pieces += 1;
    }
    // Only the moments of an update in progress differ.
    assert!(0 < changed && changed <= Net::TRAINABLE + 1, "{changed} of {pieces}");
}
