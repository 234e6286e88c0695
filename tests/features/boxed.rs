//! Nets that are larger than the stack: everything on the heap, in builds without optimisation too.

use baregrad::file::{Saved, decode, encode};
use baregrad::{Params, boxed, prelude::*};

/// Keras' convolution-free net for MNIST.
type Net = chain![Dense<784, 512, Relu>, Dropout<20>, Dense<512, 512, Relu>, Dropout<20>, Dense<512, 10>];
type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 128>;
const _: () = assert!(size_of::<Net>() > 2 << 20 && size_of::<Model>() > 10 << 20);

/// Runs a test on the smallest stack that the main thread of a host has: 1 MB on Windows.
fn on_small_stack(test: fn()) {
    std::thread::Builder::new().stack_size(1 << 20).spawn(test).unwrap().join().unwrap();
}

fn data() -> (Vec<[f32; 784]>, [u8; 3]) {
    (vec![[0.25; 784], [0.5; 784], [1.0; 784]], [3, 1, 4])
}

fn bits(net: &Net) -> Vec<u32> {
    let mut bits = Vec::new();
    net.tensors(0, &mut |_, values| bits.extend(values.iter().map(|value| value.to_bits())));
    bits
}

#[test]
fn a_trainer_larger_than_the_stack() {
    on_small_stack(|| {
        let ((x, y), fit) = (data(), Fit { epochs: 1, batch_size: 2, shuffle: true });
        let mut model = Model::boxed(&mut Sfc32::seed_from_u64(1));
        let before = model.step(&x, &y).unwrap();
        assert!(model.evaluate(&x, &y, &mut ()).unwrap() < before);
        let mut outputs = vec![[0.0; 10]; 3];
        model.predict_into(&x, &mut outputs);
        assert!(outputs.as_flattened().iter().all(|y| *y != 0.0));

        let mut checkpoint = vec![0; Model::FILE_LEN];
        encode(&*model, &mut checkpoint).unwrap();
        let mut other = boxed(|| Model::untrained(SparseCategoricalCrossEntropy::new(), Adam::default()));
        decode(&mut *other, &checkpoint).unwrap();
        for model in [&mut model, &mut other] {
            model.fit(&x, &y, &fit).unwrap();
        }
        assert!(bits(&model.net) == bits(&other.net));

        other.set_up(SparseCategoricalCrossEntropy::new(), Adam::new(1e-3));
        assert!(bits(&other.net).iter().all(|bits| *bits == 0));
        println!("{}", model.summary());
    });
}

#[test]
fn a_net_larger_than_the_stack() {
    on_small_stack(|| {
        let mut net = boxed(|| Net::NEW);
        net.init(&HeNormal, &mut Sfc32::seed_from_u64(1));
        let (mut y, mut scratch) = ([0.0; 10], vec![0.0; Net::SCRATCH]);
        net.infer_batch(&[[0.5; 784]], std::slice::from_mut(&mut y), &mut scratch).unwrap();
        assert!(y.iter().all(|y| *y != 0.0));
    });
}

/// The shards of a batch are as large as a trainer.
#[cfg(feature = "rayon")]
#[test]
fn shards_larger_than_the_stack() {
    type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 128, baregrad::Buffered>;
    on_small_stack(|| {
        let ((x, y), fit) = (data(), Fit { batch_size: 3, ..Fit::default() });
        let mut model = Model::boxed(&mut Sfc32::seed_from_u64(1));
        let before = bits(&model.net);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(1 << 20).build().unwrap();
        pool.install(|| model.fit_parallel(Data::new(&x, &y), &fit, ()).unwrap());
        assert!(bits(&model.net) != before);
    });
}
