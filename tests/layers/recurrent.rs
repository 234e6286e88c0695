//! Recurrent layers beside Keras' and PyTorch's, and what masks and first states promise.

use crate::beside;
use crate::common::cases::cases;
use crate::common::checker::{check, start};
use crate::common::numbers::{bits, tensors};
use crate::common::{passes, weights};
use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::{Sequence, Tensor, Yes};

/// The names of the tensors.
const OF_LAYER: &[&str] = &["w", "u", "b"];
const WITH_INITIAL: &[&str] = &["w", "u", "b", "initial"];
const OF_DIRECTIONS: &[&str] = &["forward_w", "forward_u", "forward_b", "backward_w", "backward_u", "backward_b"];
const OF_STACK: &[&str] = &["first_w", "first_u", "first_b", "second_w", "second_u", "second_b"];

/// Sequences of the reference file.
type X<const T: usize> = Sequence<T, 3>;
type All<const T: usize> = Sequence<T, 5>;
type Last = [f32; 5];

#[track_caller]
fn keras<const T: usize, L: Layer<X<T>>>(name: &str, tensors: &[&str]) {
    beside::check::<X<T>, L>("recurrent", "keras", name, tensors);
}

#[track_caller]
fn torch<const T: usize, L: Layer<X<T>>>(name: &str, tensors: &[&str]) {
    beside::check::<X<T>, L>("recurrent", "torch", name, tensors);
}

#[test]
fn simple_rnn() {
    keras::<1, SimpleRnn<X<1>, All<1>>>("simple_rnn_1", OF_LAYER);
    keras::<2, SimpleRnn<X<2>, All<2>, Relu>>("simple_rnn_relu_2", OF_LAYER);
    keras::<7, SimpleRnn<X<7>, Last, Relu>>("simple_rnn_relu_7", OF_LAYER);
    keras::<2, SimpleRnn<X<2>, Last, Tanh, (), 0, 1>>("simple_rnn_initial", WITH_INITIAL);
    keras::<7, SimpleRnn<X<7>, All<7>, Tanh, Masked>>("simple_rnn_masked", OF_LAYER);
    keras::<7, SimpleRnn<X<7>, All<7>, Tanh, Backwards>>("simple_rnn_backwards", OF_LAYER);
    torch::<7, SimpleRnn<X<7>, All<7>>>("rnn_tanh", OF_LAYER);
    torch::<2, SimpleRnn<X<2>, Last, Relu>>("rnn_relu", OF_LAYER);
}

#[test]
fn gru() {
    keras::<1, Gru<X<1>, Last>>("gru_1", OF_LAYER);
    keras::<2, Gru<X<2>, All<2>>>("gru_2", OF_LAYER);
    keras::<7, Gru<X<7>, Last>>("gru_7", OF_LAYER);
    keras::<50, Gru<X<50>, Last>>("gru_50", OF_LAYER);
    beside::check::<_, Gru<Sequence<7, 1>, Sequence<7, 17>>>("recurrent", "keras", "gru_wide", OF_LAYER);
    keras::<7, Gru<X<7>, All<7>, (), 0, 1>>("gru_initial", WITH_INITIAL);
    keras::<7, Gru<X<7>, All<7>, Masked>>("gru_masked", OF_LAYER);
    keras::<7, Gru<X<7>, Last, Masked, 0, 1>>("gru_masked_initial", WITH_INITIAL);
    keras::<7, Gru<X<7>, All<7>, Backwards>>("gru_backwards", OF_LAYER);
    keras::<7, Gru<X<7>, Last, (Masked, Backwards)>>("gru_masked_backwards_last", OF_LAYER);
    keras::<7, Gru<X<7>, All<7>, (Masked, Backwards), 0, 1>>("gru_masked_backwards_initial", WITH_INITIAL);
    torch::<2, Gru<X<2>, All<2>>>("gru", OF_LAYER);
    torch::<7, Gru<X<7>, Last>>("gru_last", OF_LAYER);
    torch::<2, Gru<X<2>, All<2>, (), 0, 1>>("gru_initial", WITH_INITIAL);
    torch::<7, Gru<X<7>, All<7>, Masked>>("gru_packed", OF_LAYER);
}

#[test]
fn gru_reset_before() {
    keras::<2, GruResetBefore<X<2>, Last>>("gru_before_2", OF_LAYER);
    keras::<7, GruResetBefore<X<7>, All<7>>>("gru_before_7", OF_LAYER);
    keras::<50, GruResetBefore<X<50>, Last>>("gru_before_50", OF_LAYER);
    keras::<2, GruResetBefore<X<2>, Last, (), 0, 1>>("gru_before_initial", WITH_INITIAL);
    keras::<7, GruResetBefore<X<7>, All<7>, Masked>>("gru_before_masked", OF_LAYER);
}
#[test]
fn lstm() {
    keras::<1, Lstm<X<1>, All<1>>>("lstm_1", OF_LAYER);
    keras::<7, Lstm<X<7>, All<7>>>("lstm_7", OF_LAYER);
    keras::<50, Lstm<X<50>, All<50>>>("lstm_50", OF_LAYER);
    keras::<7, Lstm<X<7>, All<7>, (), 0, 2>>("lstm_initial", WITH_INITIAL);
    keras::<7, Lstm<X<7>, All<7>, Masked>>("lstm_masked", OF_LAYER);
    keras::<7, Lstm<X<7>, Last, Masked, 0, 2>>("lstm_masked_initial", WITH_INITIAL);
    keras::<7, Lstm<X<7>, All<7>, Backwards>>("lstm_backwards", OF_LAYER);
    keras::<7, Lstm<X<7>, Last, (Masked, Backwards)>>("lstm_masked_backwards_last", OF_LAYER);
    torch::<7, Lstm<X<7>, All<7>>>("lstm", OF_LAYER);
    torch::<7, Lstm<X<7>, Last, (), 0, 2>>("lstm_initial", WITH_INITIAL);
    torch::<7, Lstm<X<7>, Last, Masked>>("lstm_packed_last", OF_LAYER);
}

#[test]
fn bidirectional() {
    keras::<7, Bidirectional<Gru<X<7>, Last>, 10>>("bidirectional_gru_last", OF_DIRECTIONS);
    keras::<7, Bidirectional<Lstm<X<7>, All<7>>, 10>>("bidirectional_lstm", OF_DIRECTIONS);
    keras::<7, Bidirectional<Gru<X<7>, All<7>, Masked>, 10>>("bidirectional_gru_masked", OF_DIRECTIONS);
    torch::<7, Bidirectional<Gru<X<7>, Last>, 10>>("bidirectional_gru_last", OF_DIRECTIONS);
    torch::<7, Bidirectional<Lstm<X<7>, All<7>, Masked>, 10>>("bidirectional_lstm_packed", OF_DIRECTIONS);
}
#[test]
fn stacks() {
    keras::<7, chain![Lstm<X<7>, All<7>>, Lstm<All<7>, [f32; 4]>]>("stacked_lstm", OF_STACK);
    keras::<7, chain![Gru<X<7>, All<7>, Masked>, Gru<All<7>, [f32; 4], Masked>]>("stacked_gru_masked", OF_STACK);
    torch::<7, chain![Lstm<X<7>, All<7>>, Lstm<All<7>, All<7>>]>("stacked_lstm", OF_STACK);
}

#[test]
fn embedding() {
    beside::check::<_, Embedding<[f32; 5], Sequence<5, 3>, 6>>("recurrent", "keras", "embedding", &["table"]);
}

/// The weights that training starts from are drawn as in Keras.
#[test]
fn first_weights() {
    start::check::<SimpleRnn<X<7>, [f32; 40]>>(None);
    start::check::<Gru<X<7>, [f32; 40]>>(None);
    start::check::<GruResetBefore<X<7>, [f32; 40]>>(None);
    start::check::<Lstm<X<7>, [f32; 40]>>(Some(1));
}

/// What a layer makes of a batch, to the bit: outputs of inference and of training, dx, and the gradient.
fn all<const B: usize, X: Tensor, L: Layer<X>>(x: &[X], dy: &[L::Y]) -> [Vec<u32>; 4] {
    let layer: L = weights::random(4);
    let passed = passes::train::<B, Yes, X, L>(&layer, x, Some(1), &|_, to| to.copy_from_slice(dy));
    let inferred = passes::infer(&layer, x);
    [L::Y::flat_all(&inferred), L::Y::flat_all(&passed.y), X::flat_all(&passed.dx), &passed.gradient].map(bits)
}

/// Random sequences of these lengths, with padding behind them.
fn padded<const T: usize>(lengths: &[usize], seed: u64) -> Vec<X<T>> {
    let mut x: Vec<X<T>> = tensors(lengths.len(), seed);
    x.iter_mut().zip(lengths).for_each(|(x, length)| x[*length..].fill([0.0; 3]));
    x
}

/// Sequences of different lengths in one batch give what each gives alone.
fn a_batch_is_its_samples<L: Layer<X<6>>>() {
    cases(12, |draw| {
        let lengths: Vec<usize> = (0..draw.within(1..=7)).map(|_| draw.within(0..=6)).collect();
        let (x, dy): (_, Vec<L::Y>) = (padded(&lengths, draw.seed()), tensors(lengths.len(), draw.seed()));
        let [inferred, y, dx, _] = all::<7, X<6>, L>(&x, &dy);
        assert_eq!(y, inferred, "{lengths:?}: training and inference");
        for i in 0..x.len() {
            let [_, one_y, one_dx, _] = all::<1, X<6>, L>(&x[i..=i], &dy[i..=i]);
            assert_eq!(one_y, y[i * L::Y::LEN..][..L::Y::LEN], "{lengths:?}: y of sequence {i}");
            assert_eq!(one_dx, dx[i * X::<6>::LEN..][..X::<6>::LEN], "{lengths:?}: dx of sequence {i}");
        }
    });
}

#[test]
fn batches_of_different_lengths() {
    a_batch_is_its_samples::<SimpleRnn<X<6>, Sequence<6, 8>, Gelu, Masked>>();
    a_batch_is_its_samples::<Gru<X<6>, [f32; 17], Masked, 0, 1>>();
    a_batch_is_its_samples::<Gru<X<6>, Sequence<6, 3>, (Masked, Backwards), 0, 1>>();
    a_batch_is_its_samples::<Lstm<X<6>, [f32; 5], (Masked, Backwards), 0, 2>>();
    a_batch_is_its_samples::<Bidirectional<GruResetBefore<X<6>, Sequence<6, 5>, Masked, 0, 1>, 10>>();
}

/// Sequences with padding give what they give without, and the padding gives zeros. `S` takes the steps before it alone.
fn padding_changes_nothing<const T: usize, L: Layer<X<45>>, S: Layer<X<T>>>() {
    cases(4, |draw| {
        let (count, seed) = (draw.within(1..=3), draw.seed());
        let (x, dy): (Vec<X<T>>, Vec<S::Y>) = (tensors(count, seed), tensors(count, seed + 1));
        // The gradient of the outputs for the padding is anything.
        let (mut longer, mut longer_dy): (_, Vec<L::Y>) = (vec![[[0.0; 3]; 45]; count], tensors(count, seed + 2));
        for i in 0..count {
            longer[i][..T].copy_from_slice(&x[i]);
            longer_dy[i].flat_mut()[..S::Y::LEN].copy_from_slice(dy[i].flat());
        }
        let (short, long) = (all::<3, X<T>, S>(&x, &dy), all::<3, X<45>, L>(&longer, &longer_dy));
        let y = [S::Y::LEN, L::Y::LEN];
        let lengths = [y, y, [X::<T>::LEN, X::<45>::LEN], [S::TRAINABLE; 2]];
        for (name, i) in [("inference", 0), ("y", 1), ("dx", 2), ("gradient", 3)] {
            for (short, long) in short[i].chunks(lengths[i][0]).zip(long[i].chunks(lengths[i][1])) {
                let (same, of_padding) = long.split_at(short.len());
                assert_eq!(short, same, "{name}");
                assert!(of_padding.iter().all(|bits| f32::from_bits(*bits) == 0.0), "{name} of padding");
            }
        }
    });
}

#[test]
fn padding() {
    type Plain<const T: usize, O> = SimpleRnn<X<T>, Sequence<T, 8>, Gelu, O>;
    type Given<const T: usize, O> = Gru<X<T>, [f32; 17], O, 0, 1>;
    type Before<const T: usize, O> = GruResetBefore<X<T>, Sequence<T, 3>, O>;
    type States<const T: usize, O> = Lstm<X<T>, Sequence<T, 5>, O, 0, 2>;
    padding_changes_nothing::<1, Plain<45, Masked>, Plain<1, ()>>();
    padding_changes_nothing::<20, Given<45, (Masked, Backwards)>, Given<20, Backwards>>();
    padding_changes_nothing::<44, Given<45, Masked>, Given<44, ()>>();
    padding_changes_nothing::<20, Before<45, (Masked, Backwards)>, Before<20, Backwards>>();
    padding_changes_nothing::<20, States<45, Masked>, States<20, ()>>();
    type Convolution<const T: usize> = CausalConv1d<X<T>, Sequence<T, 4>, 3, 1, Tanh>;
    type State<const T: usize, O> = Gru<Sequence<T, 4>, [f32; 5], O>;
    type Kept = chain![KeepPadding<Convolution<45>>, State<45, Masked>];
    padding_changes_nothing::<20, Kept, chain![Convolution<20>, State<20, ()>]>();
}

/// Of a sequence that is all padding the last state is the first one, and its gradient is that of the first state. In Keras it
/// is 0.
#[test]
fn nothing_but_padding() {
    type Layer = Gru<X<6>, [f32; 5], Masked, 0, 1>;
    let mut layer: Layer = weights::random(4);
    layer.initial = [[0.5, -0.25, 0.125, 2.0, -0.0]];
    let dy = [[1.0, 2.0, 3.0, 4.0, 5.0]];
    let passed = passes::train::<1, Yes, X<6>, Layer>(&layer, &[[[0.0; 3]; 6]], None, &|_, to| to.copy_from_slice(&dy));
    assert_eq!((passed.y[0], passed.dx[0]), (layer.initial[0], [[0.0; 3]; 6]));
    let (others, initial) = passed.gradient.split_at(Layer::TRAINABLE - 5);
    assert!(others.iter().all(|gradient| *gradient == 0.0));
    assert_eq!(initial, dy[0]);
}

/// Zeros before the end of a sequence are data, and so is a last step that is not a number.
#[test]
fn zeros_in_the_middle_are_data() {
    type Layer<O> = Lstm<X<4>, Sequence<4, 5>, O>;
    let mut x = [[[0.0; 3], [1.0, 2.0, 3.0], [-0.0; 3], [-1e-45, 0.0, 0.0]]];
    let dy: Vec<Sequence<4, 5>> = tensors(1, 8);
    assert_eq!(all::<1, X<4>, Layer<Masked>>(&x, &dy), all::<1, X<4>, Layer<()>>(&x, &dy));
    x[0][3] = [0.0, f32::NAN, 0.0];
    let layer: Layer<Masked> = weights::random(4);
    assert!(passes::infer(&layer, &x)[0][3].iter().all(|y| y.is_nan()));
}

/// Every gate with all options at once. The padding does not depend on the input, which has slopes so.
#[test]
fn gru_reset_before_with_options() {
    type Layer = GruResetBefore<X<6>, Sequence<6, 5>, (Masked, Backwards), 0, 1>;
    check::<X<4>, chain![ZeroPadding1d<X<4>, X<6>, 0>, Layer]>().unwrap();
}

/// Each gate sees a part of the state, the same at all steps.
#[test]
fn recurrent_dropout() {
    check::<X<4>, SimpleRnn<X<4>, Sequence<4, 8>, Tanh, RecurrentDropout<30>>>().unwrap();
    check::<X<4>, Gru<X<4>, [f32; 5], ((Masked, Backwards), RecurrentDropout<30>), 0, 1>>().unwrap();
    check::<X<4>, chain![Recompute<Lstm<X<4>, [f32; 3], RecurrentDropout<30>>>, Dense<3, 2>]>().unwrap();
}

/// Windows of a stateful layer carry on: they give what one long window gives.
#[test]
fn windows_carry_on() {
    fn check<L, W>()
    where
        L: Layer<X<6>, Y = Sequence<6, 5>>,
        W: Layer<X<2>, Y = Sequence<2, 5>>,
    {
        let (long, mut windows): (L, W) = (weights::random(4), W::NEW);
        windows.copy_from(&long);
        let x: Vec<X<6>> = tensors(1, 7);
        let want = passes::infer(&long, &x)[0];
        for (x, want) in x[0].as_chunks::<2>().0.iter().zip(want.as_chunks::<2>().0) {
            assert_eq!(passes::infer(&windows, &[*x]), [*want]);
            passes::settle::<1, X<2>, W>(&mut windows, &[*x]);
        }
    }
    check::<Gru<X<6>, Sequence<6, 5>>, StatefulGru<X<2>, Sequence<2, 5>>>();
    check::<Lstm<X<6>, Sequence<6, 5>>, StatefulLstm<X<2>, Sequence<2, 5>>>();
}

/// The gradient of u is the product of a small gradient and a state that is too large for it.
#[test]
fn a_large_first_state_is_found() {
    type Net = Lstm<X<1>, [f32; 1], (), 0, 2>;
    let mut net = Net::NEW;
    net.initial[0] = [3e38];
    let mut model = Trainer::<Net, MeanSquaredError, Sgd, 1>::of(net, MeanSquaredError, Sgd::new(0.1));
    let before = weights::all(&model.net);
    assert!(model.step(&[[[0.5; 3]]], &[[9.0]]).is_err());
    assert_eq!(weights::all(&model.net), before);
}

/// The bound on the gradient does not grow with each step.
#[test]
fn long_sequences_train() {
    type Net = SimpleRnn<X<500>, [f32; 17]>;
    let mut model = Trainer::<Net, MeanSquaredError, Sgd, 1>::new(&mut Sfc32::seed_from_u64(1));
    model.step(&tensors::<X<500>>(1, 7), &[[0.5; 17]]).unwrap();
}
