//! Training on threads: the same bits on any number of them.

use crate::common::naive::batch_norm::{BatchNorm as Twin, Follow};
use crate::common::numbers::{assert_close, bits, samples, widen};
use crate::common::weights;
use baregrad::Buffered;
use baregrad::prelude::*;
use std::collections::BTreeSet;
use std::sync::Mutex;

type Net = chain![Dense<5, 33, Gelu>, LayerNorm<33>, Dropout<20>, Dense<33, 3, Softmax, L2<100>>];
type Model = Trainer<Net, CategoricalCrossEntropy, Adam, 8, Buffered>;

fn data(n: usize) -> (Vec<[f32; 5]>, Vec<[f32; 3]>) {
    let x = samples::<5>(n, 3);
    let y = x.iter().map(|x| [(x[0] > 0.0) as u8, (x[0] <= 0.0) as u8, 0].map(f32::from)).collect();
    (x, y)
}

fn train(threads: usize, batch_size: usize) -> (Vec<u32>, Epoch) {
    let (x, y) = data(203);
    let (train, validation) = Data::new(&x, &y).shuffled(&mut Sfc32::seed_from_u64(9)).split(0.1);
    let mut model = Box::new(Model::new(&mut Sfc32::seed_from_u64(1)));
    let fit = Fit { epochs: 3, batch_size, shuffle: true };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let epoch = pool.install(|| model.fit_parallel(train, &fit, Validation::new(validation)).unwrap());
    (bits(&weights::read(&mut model.net)), epoch)
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for batch_size in [5, 8, 50, 64, 1000] {
        let one = train(1, batch_size);
        assert_eq!(train(2, batch_size), one, "batches of {batch_size} on 2 threads");
        assert_eq!(train(7, batch_size), one, "batches of {batch_size} on 7 threads");
    }
}

/// One shard, and no random numbers in the net: the plain fit, to the bit.
#[test]
fn one_shard_is_the_plain_fit() {
    type Plain = chain![Dense<5, 33, Gelu>, Dense<33, 3, Softmax>];
    let (x, y) = data(50);
    let fresh = || Trainer::<Plain, CategoricalCrossEntropy, Adam, 8, Buffered>::new(&mut Sfc32::seed_from_u64(1));
    let (mut plain, mut threads) = (fresh(), fresh());
    let fit = Fit { epochs: 4, batch_size: 8, shuffle: false };
    let a = plain.fit(&x, &y, &fit).unwrap();
    let b = threads.fit_parallel(Data::new(&x, &y), &fit, ()).unwrap();
    assert_eq!(a, b);
    assert_eq!(bits(&weights::read(&mut plain.net)), bits(&weights::read(&mut threads.net)));
}

/// Many runs: another order of the same sum. With runs of 8 samples there are 8 shards of one run, with runs of 1 sample 16
/// shards of 4 runs.
#[test]
fn runs_add_up_to_the_batch() {
    type Plain = chain![Dense<5, 9, Tanh>, Dense<9, 3, Softmax, L1<100>>];
    fn check<const RUN: usize>(x: &[[f32; 5]], y: &[[f32; 3]], want: &[f64]) {
        let mut threads =
            Trainer::<Plain, CategoricalCrossEntropy, Sgd, RUN, Buffered>::new(&mut Sfc32::seed_from_u64(1));
        threads.fit_parallel(Data::new(x, y), &FIT, ()).unwrap();
        assert_close(&weights::read(&mut threads.net), want, 1e-5, "weights");
    }
    const FIT: Fit = Fit { epochs: 20, batch_size: 64, shuffle: false };
    let (x, y) = data(64);
    let mut plain = Trainer::<Plain, CategoricalCrossEntropy, Sgd, 64, Buffered>::new(&mut Sfc32::seed_from_u64(1));
    plain.fit(&x, &y, &FIT).unwrap();
    let want: Vec<f64> = weights::read(&mut plain.net).into_iter().map(f64::from).collect();
    check::<8>(&x, &y, &want);
    check::<1>(&x, &y, &want);
}

/// The memory does not grow with the batch: the gradients of its outputs come to lie in 16 shards.
#[test]
fn a_batch_has_at_most_16_shards() {
    static PLACES: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());
    #[derive(Default)]
    struct Watched;
    impl Loss<[f32; 1], [f32; 1]> for Watched {
        const NAME: &'static str = "watched";
        fn value(&self, y: &[f32; 1], target: &[f32; 1]) -> f32 {
            Loss::value(&MeanSquaredError, y, target)
        }
        fn gradient(&self, y: &[f32; 1], target: &[f32; 1], scale: f32, dy: &mut [f32; 1]) -> f32 {
            PLACES.lock().unwrap().insert(dy.as_ptr().addr());
            Loss::gradient(&MeanSquaredError, y, target, scale, dy)
        }
    }
    let mut model = Trainer::<Dense<1, 1>, Watched, Sgd, 1, Buffered>::new(&mut Sfc32::seed_from_u64(1));
    let fit = Fit { batch_size: 1000, ..Fit::default() };
    model.fit_parallel(Data::new(&[[1.0]; 1000], &[[2.0]; 1000]), &fit, ()).unwrap();
    assert_eq!(PLACES.lock().unwrap().len(), 16);
}

/// Moving means and variances follow one run after the other, on any number of threads.
#[test]
fn moving_statistics() {
    type Normalised =
        chain![Rescale<5>, BatchNorm<5, Tanh>, Dense<5, 7>, Recompute<BatchNorm<7, Relu>>, Dense<7, 3, Softmax>];
    let (x, y) = data(34);
    let train = |threads| {
        let mut model =
            Trainer::<Normalised, CategoricalCrossEntropy, Adam, 4, Buffered>::new(&mut Sfc32::seed_from_u64(1));
        let fit = Fit { epochs: 2, batch_size: 10, shuffle: false };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| model.fit_parallel(Data::new(&x, &y), &fit, ()).unwrap());
        model.net
    };
    let one = train(1);
    for threads in [2, 7] {
        assert_eq!(bits(&weights::all(&train(threads))), bits(&weights::all(&one)), "{threads} threads");
    }
    let [zeros, ones] = [0.0, 1.0].map(|number| vec![number; 5]);
    let mut twin = Twin { gamma: ones.clone(), beta: zeros.clone(), mean: zeros, variance: ones, epsilon: 1e-3 };
    let x: Vec<Vec<f64>> = x.iter().map(|x| widen(x)).collect();
    for _ in 0..2 {
        for shard in x.chunks(10).flat_map(|batch| batch.chunks(4)) {
            twin.settle(shard, Follow::Keras { momentum: 0.99 });
        }
    }
    assert_close(&one.1.0.mean, &twin.mean, 1e-6, "mean");
    assert_close(&one.1.0.variance, &twin.variance, 1e-6, "variance");
}

/// If a shard has several runs, the moving statistics follow the last one. Here 40 runs of one sample make 16 shards of two or
/// three.
#[test]
fn moving_statistics_of_long_shards() {
    let x = samples::<5>(40, 3);
    let mut model = Trainer::<chain![Rescale<5>, BatchNorm<5>, Dense<5, 1>], MeanSquaredError, Sgd, 1, Buffered>::new(
        &mut Sfc32::seed_from_u64(1),
    );
    let fit = Fit { batch_size: 40, shuffle: false, ..Fit::default() };
    model.fit_parallel(Data::new(&x, &[[1.0]; 40]), &fit, ()).unwrap();
    let mut mean = [0.0; 5];
    for shard in 1..=16 {
        for (mean, x) in mean.iter_mut().zip(&x[shard * 40 / 16 - 1]) {
            *mean = *mean * 0.99 + f64::from(*x) * 0.01;
        }
    }
    assert_close(&model.net.1.0.mean, &mean, 1e-6, "mean");
}

#[test]
fn errors() {
    let (x, mut y) = data(20);
    let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
    let before = bits(&weights::read(&mut model.net));
    let fit = Fit { batch_size: 0, ..Fit::default() };
    let error = model.fit_parallel(Data::new(&x, &y), &fit, ());
    assert_eq!(error, Err(Error::BatchSize { batch_size: 0, capacity: 8 }));
    y[19] = [f32::NAN; 3];
    let error = model.fit_parallel(Data::new(&x, &y), &Fit::default(), ());
    assert!(matches!(error, Err(Error::NonFiniteLoss { sample: Some(19), .. })), "{error:?}");
    // The shards of the step that failed have drawn no random numbers.
    let rng = model.rng.clone();
    let unshuffled = Fit { shuffle: false, ..Fit::default() };
    assert!(model.fit_parallel(Data::new(&x, &y), &unshuffled, ()).is_err());
    assert_eq!(model.rng, rng);
    let bytes: Vec<[i16; 5]> = x.iter().map(|x| x.map(|x| (100.0 * x) as i16)).collect();
    let floats: Vec<[f32; 5]> = bytes.iter().map(|x| x.map(f32::from)).collect();
    let run = |model: &mut Model, integers| match integers {
        true => model.fit_parallel(Data::new(&bytes[..19], &y[..19]), &unshuffled, ()),
        false => model.fit_parallel(Data::new(&floats[..19], &y[..19]), &unshuffled, ()),
    };
    let fresh = || Model::new(&mut Sfc32::seed_from_u64(1));
    assert_eq!(run(&mut fresh(), true), run(&mut fresh(), false), "integers");
    assert_eq!(bits(&weights::read(&mut model.net)), before);

    // The loss is finite, and so is the gradient of each run, but not their sum: over the shards, or within a shard.
    type Two = Trainer<Dense<2, 1>, MeanSquaredError, Sgd, 1, Buffered>;
    for count in [4, 400] {
        let mut model = Two::new(&mut Sfc32::seed_from_u64(1));
        model.net.w = [[0.0]; 2];
        let fit = Fit { batch_size: count, shuffle: false, ..Fit::default() };
        let error = model.fit_parallel(Data::new(&vec![[3e38, 0.0]; count], &vec![[1.0]; count]), &fit, ());
        assert_eq!(error, Err(Error::NonFiniteGradient { layer: 0 }));
        assert_eq!((model.net.w, model.net.b), ([[0.0]; 2], [0.0]));
    }
}
