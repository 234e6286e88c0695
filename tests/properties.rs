//! What holds for any net and any data.

mod common;

use baregrad::prelude::*;
use baregrad::{Buffered, Permutation};
use common::cases::cases;
use common::numbers::{bits, relative, samples, uniform};
use common::{passes, weights};
use std::ops::ControlFlow;

type Net = chain![Dense<5, 9, Gelu>, LayerNorm<9>, Dense<9, 17, Tanh>, Dense<17, 3, Softmax>];
const ROOM: usize = 16;

fn net(seed: u64) -> Net {
    let mut net = Net::NEW;
    net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed));
    let mut w = weights::read(&mut net);
    w.iter_mut().zip(uniform(Net::TRAINABLE, -0.2, 0.2, seed + 1)).for_each(|(w, r)| *w += r);
    weights::write(&mut net, &w);
    net
}

fn forward(net: &Net, x: &[[f32; 5]]) -> Vec<[f32; 3]> {
    passes::forward::<ROOM, _, _>(net, x, None)
}

/// A data set that a line can fit, and one target that it cannot.
fn data(n: usize, seed: u64) -> (Vec<[f32; 5]>, Vec<[f32; 3]>) {
    let x = samples::<5>(n, seed);
    let y = x.iter().map(|x| [(x[0] > 0.0) as u8, (x[0] <= 0.0) as u8, 0].map(f32::from)).collect();
    (x, y)
}

type Model = Trainer<Net, CategoricalCrossEntropy, Adam, ROOM>;
type BufferedModel = Trainer<Net, CategoricalCrossEntropy, Adam, ROOM, Buffered>;

#[test]
fn a_batch_is_its_samples() {
    cases(24, |draw| {
        let (seed, n) = (draw.within(0..=999) as u64, draw.within(1..=ROOM));
        let (net, x) = (net(seed), samples::<5>(n, seed));
        let together = forward(&net, &x);
        for (x, y) in x.iter().zip(&together) {
            assert_eq!(bits(&forward(&net, &[*x])[0]), bits(y));
        }
    });
}

#[test]
fn inference_is_the_forward_pass() {
    cases(24, |draw| {
        let (seed, n, more) = (draw.within(0..=999) as u64, draw.within(0..=ROOM), draw.within(0..=399));
        let (net, x) = (net(seed), samples::<5>(n, seed));
        let want = forward(&net, &x);
        // Room for one sample, for some, for all.
        for floats in [Net::SCRATCH, Net::SCRATCH + more, Net::SCRATCH * (n + 1)] {
            let mut y = vec![[f32::NAN; 3]; n];
            net.infer_batch(&x, &mut y, &mut vec![f32::NAN; floats]).unwrap();
            assert_eq!(bits(y.as_flattened()), bits(want.as_flattened()));
        }
        for (x, want) in x.iter().zip(&want) {
            let mut y = [f32::NAN; 3];
            net.infer_one(x, &mut y, &mut [f32::NAN; Net::SCRATCH]);
            assert_eq!(bits(&y), bits(want));
        }
    });
}

#[test]
fn a_permutation_is_one_to_one() {
    cases(24, |draw| {
        let (n, seed) = (draw.within(0..=2999), draw.seed());
        let order = Permutation::new(n, &mut Sfc32::seed_from_u64(seed));
        let mut places: Vec<usize> = (0..n).map(|i| order.at(i)).collect();
        places.sort_unstable();
        assert!(places.into_iter().eq(0..n));
        assert_eq!(order.at(n), n);
    });
}

#[test]
fn both_trainers_give_the_same_bits() {
    cases(24, |draw| {
        let (seed, n, batch_size) = (draw.within(0..=999) as u64, draw.within(1..=39), draw.within(1..=ROOM));
        let (x, y) = data(n, seed);
        let fit = Fit { epochs: 2, batch_size, shuffle: true };
        let mut direct = Box::new(Model::new(&mut Sfc32::seed_from_u64(seed)));
        let mut buffered = Box::new(BufferedModel::new(&mut Sfc32::seed_from_u64(seed)));
        assert_eq!(direct.fit(&x, &y, &fit).unwrap(), buffered.fit(&x, &y, &fit).unwrap());
        assert_eq!(bits(&weights::read(&mut direct.net)), bits(&weights::read(&mut buffered.net)));
    });
}

/// The last batch of an epoch may be smaller, and is a step like any other.
#[test]
fn fitting_is_its_steps() {
    cases(24, |draw| {
        let (seed, n, batch_size) = (draw.within(0..=999) as u64, draw.within(1..=39), draw.within(1..=ROOM));
        let (x, y) = data(n, seed);
        let mut fitted = Box::new(Model::new(&mut Sfc32::seed_from_u64(seed)));
        let mut stepped = Box::new(Model::new(&mut Sfc32::seed_from_u64(seed)));
        let epoch = fitted.fit(&x, &y, &Fit { epochs: 1, batch_size, shuffle: false }).unwrap();
        let mut total = 0.0;
        for (x, y) in x.chunks(batch_size).zip(y.chunks(batch_size)) {
            total += f64::from(stepped.step(x, y).unwrap() * x.len() as f32);
        }
        let want = total / n as f64;
        assert!(relative(epoch.loss, want) < 2e-7, "{}, not {want}", epoch.loss);
        assert_eq!(bits(&weights::read(&mut fitted.net)), bits(&weights::read(&mut stepped.net)));
    });
}

#[test]
fn prediction_is_inference() {
    cases(24, |draw| {
        let seed = draw.within(0..=999) as u64;
        let mut model = Box::new(Model::new(&mut Sfc32::seed_from_u64(seed)));
        let x: [[f32; 5]; 37] = samples::<5>(37, seed).try_into().unwrap();
        let mut y = [[f32::NAN; 3]; 37];
        model.net.infer_batch(&x, &mut y, &mut [0.0; 3 * Net::SCRATCH]).unwrap();
        assert_eq!(bits(model.predict(&x).as_flattened()), bits(y.as_flattened()));
    });
}

/// Where all samples are equal, their order is none.
#[test]
fn the_order_of_equal_samples_is_none() {
    cases(24, |draw| {
        let seed = draw.within(0..=999) as u64;
        let (x, y) = (vec![samples::<5>(1, seed)[0]; 30], vec![[0.0, 1.0, 0.0]; 30]);
        let train = |shuffle| {
            let mut model = Box::new(Model::new(&mut Sfc32::seed_from_u64(seed)));
            model.fit(&x, &y, &Fit { epochs: 3, batch_size: 7, shuffle }).unwrap();
            bits(&weights::read(&mut model.net))
        };
        assert_eq!(train(true), train(false));
    });
}

#[test]
fn the_loss_falls() {
    cases(24, |draw| {
        let seed = draw.within(0..=999) as u64;
        let (x, y) = data(60, seed);
        let mut model = Box::new(Model::new(&mut Sfc32::seed_from_u64(seed)));
        model.optimizer.learning_rate = 0.01;
        let before = model.evaluate(&x, &y, &mut ()).unwrap();
        model.fit(&x, &y, &Fit { epochs: 20, batch_size: 10, shuffle: true }).unwrap();
        let after = model.evaluate(&x, &y, &mut ()).unwrap();
        assert!(after < 0.7 * before, "from {} to {}", before, after);
    });
}

#[test]
fn frozen_layers_stay() {
    cases(24, |draw| {
        let seed = draw.within(0..=999) as u64;
        type Half = chain![Frozen<chain![Dense<5, 8, Relu>, LayerNorm<8>]>, Dense<8, 8, Tanh>, Frozen<Dense<8, 3>>];
        let mut model = Trainer::<Half, MeanSquaredError, Momentum, ROOM>::new(&mut Sfc32::seed_from_u64(seed));
        let frozen = |net: &Half| {
            let first = &net.0.0;
            let last = &net.1.1.0;
            let parts: [&[f32]; 6] =
                [first.0.w.as_flattened(), &first.0.b, &first.1.gamma, &first.1.beta, last.w.as_flattened(), &last.b];
            bits(&parts.concat())
        };
        let (before, trained) = (frozen(&model.net), weights::read(&mut model.net));
        let (x, y) = data(20, seed);
        model.fit(&x, &y, &Fit { epochs: 2, ..Fit { batch_size: ROOM, ..Fit::default() } }).unwrap();
        assert_eq!(frozen(&model.net), before);
        assert_ne!(weights::read(&mut model.net), trained);
    });
}

/// FNV-1a of the bit patterns.
fn hash(values: &[f32]) -> u64 {
    let bytes = values.iter().flat_map(|v| v.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// A seed means the same weights on every target and in every version.
#[test]
fn initial_weights_are_for_ever() {
    fn draw(initializer: &impl baregrad::init::Initializer) -> u64 {
        let mut net = Net::NEW;
        net.init(initializer, &mut Sfc32::seed_from_u64(2024));
        hash(&weights::read(&mut net))
    }
    let hashes =
        [draw(&GlorotUniform), draw(&GlorotNormal), draw(&HeUniform), draw(&HeNormal), draw(&Orthogonal::default())];
    let want = [
        0x8aa2_9abb_820a_56f2,
        0x25f9_0436_da85_aa56,
        0x834f_e09c_e242_1bb3,
        0x1b49_1f26_1666_5b82,
        0x8913_4bcc_3f93_e26b,
    ];
    assert_eq!(hashes, want, "{hashes:#018x?}");
}

#[test]
fn a_callback_stops() {
    let (x, y) = data(10, 1);
    let mut model = Box::new(Model::new(&mut Sfc32::seed_from_u64(1)));
    let mut numbers = Vec::new();
    let last = model
        .fit_with(&x, &y, &Fit { epochs: 9, batch_size: 5, shuffle: true }, |_, epoch| {
            numbers.push(epoch.number);
            if epoch.number == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!((numbers, last.number), (vec![0, 1, 2, 3], 3));
}

/// The examples that every tutorial starts with.
#[test]
fn xor_is_learnt() {
    type Xor = chain![Dense<2, 8, Tanh>, Dense<8, 1, Sigmoid>];
    let x = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let y = [[0.0], [1.0], [1.0], [0.0]];
    let mut model = Trainer::<Xor, BinaryCrossEntropy, Adam, 4>::new(&mut Sfc32::seed_from_u64(1));
    model.optimizer.learning_rate = 0.05;
    model.fit(&x, &y, &Fit { epochs: 200, batch_size: 3, ..Fit::default() }).unwrap();
    let mut accuracy = BinaryAccuracy::new();
    assert!(model.evaluate(&x, &y, &mut accuracy).unwrap() < 0.1);
    assert_eq!(accuracy.value(), 1.0);
}
