//! Training a part of a net: what changes, and what it costs.

use crate::common::numbers::{bits, samples};
use crate::common::weights;
use baregrad::prelude::*;

type Net = chain![Dense<64, 32, Relu>, Dense<32, 16, Tanh>, Dropout<10>, Dense<16, 10>];
type Tuned = FreezeFirst<3, Net>;
type Biases = chain![BiasOnly<Dense<64, 32, Relu>>, BiasOnly<Dense<32, 16, Tanh>>, Dense<16, 10>];

const FLOAT: usize = size_of::<f32>();
type Model<N> = Trainer<N, SparseCategoricalCrossEntropy<Logits>, Adam, 1>;

fn data() -> (Vec<[f32; 64]>, Vec<u8>) {
    (samples::<64>(40, 1), (0..40).map(|i| i % 10).collect())
}

/// The same weights after it, but for those that may change.
#[test]
fn only_the_last_layers_change() {
    let net: Net = weights::random(1);
    let mut model = Model::<Tuned>::new(&mut Sfc32::seed_from_u64(2));
    model.net.copy_from(&net);
    assert_eq!(bits(&weights::all(&model.net)), bits(&weights::all(&net)));
    let (x, y) = data();
    model.fit(&x, &y, &Fit { batch_size: 1, ..Fit::default() }).unwrap();
    let (before, after) = (weights::all(&net), weights::all(&model.net));
    let frozen = Net::COUNT - (16 * 10 + 10);
    assert_eq!(bits(&after[..frozen]), bits(&before[..frozen]));
    assert!(after[frozen..].iter().zip(&before[frozen..]).all(|(a, b)| a != b));

    // And back into the plain type, to train all of it.
    let mut plain = Net::NEW;
    plain.copy_from(&model.net);
    assert_eq!(bits(&weights::all(&plain)), bits(&after));
}

#[test]
fn only_biases_change() {
    let net: Net = weights::random(1);
    let mut model = Model::<Biases>::new(&mut Sfc32::seed_from_u64(2));
    model.net.copy_from(&net); // dropout has no weights
    let (x, y) = data();
    model.fit(&x, &y, &Fit { batch_size: 1, ..Fit::default() }).unwrap();
    assert!(model.net.0.0.w == net.0.w && model.net.1.0.0.w == net.1.0.w);
    assert!(model.net.0.0.b != net.0.b && model.net.1.0.0.b != net.1.0.b && model.net.1.1.w != net.1.1.1.w);
}

/// The net as it is, and frozen: `summary()` says what `size_of` does.
#[test]
fn the_summary_shows_the_bytes_saved() {
    fn bytes<N: Network<Input = [f32; 64]>>() -> usize {
        let model = Box::new(Model::<N>::untrained(SparseCategoricalCrossEntropy::new(), Adam::new(1e-3)));
        let text = model.summary().to_string();
        let shown = text.lines().find_map(|line| line.strip_prefix("Training:   ")).unwrap();
        let shown: usize = shown.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(shown, size_of::<Model<N>>());
        assert!(text.contains(&format!("Parameters: {} ({} trainable)", N::COUNT, N::TRAINABLE)), "{text}");
        shown
    }
    // Adam has two moments.
    let frozen = Net::COUNT - (16 * 10 + 10);
    // Three outputs, the mask of dropout, and gradients of 10, 16 and 32 numbers in two buffers, each a choice of types.
    let plain = 32 + 16 + 16 + 16 + 16 + 32 + 2;
    // Two buffers, of 32 numbers and of 16, which the frozen layers use in turn, and the gradient of the output.
    let tuned = 32 + 16 + 2 + 10;
    assert_eq!(bytes::<Net>() - bytes::<Tuned>(), (2 * frozen + plain - tuned) * FLOAT);
    let without_dropout = bytes::<chain![Dense<64, 32, Relu>, Dense<32, 16, Tanh>, Dense<16, 10>]>();
    assert_eq!(without_dropout - bytes::<Biases>(), 2 * (64 * 32 + 32 * 16) * FLOAT);
}
