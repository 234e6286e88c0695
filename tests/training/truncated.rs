//! Truncated backpropagation through time: windows that carry on with the state of the window before.

use crate::common::numbers::{assert_close, bits, tensors, widen};
use crate::common::weights;
use baregrad::file::{self, Saved};
use baregrad::net::{Layer, StreamState};
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

/// Steps of a window.
const T: usize = 8;
type Window = Sequence<T, 2>;
type Net = chain![StatefulGru<Window, Sequence<T, 5>>, StatefulLstm<Sequence<T, 5>, Sequence<T, 3>>, Dense<3, 1>];
type Model = Trainer<Net, MeanSquaredError, Adam, 1>;

/// The same layers, without a carried state.
type Stateless = chain![Gru<Window, Sequence<T, 5>>, Lstm<Sequence<T, 5>, Sequence<T, 3>>, Dense<3, 1>];

fn model() -> Box<Model> {
    let mut model = Box::new(Model::new(&mut Sfc32::seed_from_u64(1)));
    model.net = weights::random(2);
    model
}

fn windows(count: usize) -> Vec<(Window, Sequence<T, 1>)> {
    tensors(count, 3).into_iter().zip(tensors(count, 4)).collect()
}

fn train(model: &mut Model, windows: &[(Window, Sequence<T, 1>)]) -> Vec<u32> {
    windows.iter().map(|(x, y)| model.step(&[*x], &[*y]).unwrap().to_bits()).collect()
}

/// All numbers of a net, the carried states among them.
fn all(net: &impl Params) -> Vec<u32> {
    let mut found = Vec::new();
    net.tensors(0, &mut |_, values| found.extend(bits(values)));
    net.carried(&mut |states| found.extend(bits(states)));
    found
}

/// Without a step of the optimiser, windows give what a stream of the same weights gives, over this many steps.
const STEPS: usize = if cfg!(debug_assertions) { 10_000 } else { 1_000_000 };

#[test]
fn windows_are_a_stream() {
    let mut model = Trainer::<Net, MeanSquaredError, Sgd, 1>::untrained(MeanSquaredError, Sgd::new(0.0));
    model.net = self::model().net;
    let mut stateless = Stateless::NEW;
    stateless.copy_from(&model.net);
    let (mut memory, mut y) = (Stateless::MEMORY, [[[0.0; 1]; T]]);
    for (x, target) in windows(50).iter().cycle().take(STEPS / T) {
        // Inference of a window goes on from the carried state, and does not move it.
        model.net.infer(&[*x], &mut y, &mut [0.0; Net::SCRATCH]);
        model.step(&[*x], &[*target]).unwrap();
        for (x, y) in x.iter().zip(&y[0]) {
            assert_eq!(stateless.push(&mut memory, x), Some(*y));
        }
    }
}

/// The gradient of a window is that of a layer with the same states before the first step: nothing goes into the window before.
#[test]
fn the_gradient_ends_with_the_window() {
    type Given = chain![
        Gru<Window, Sequence<T, 5>, (), 0, 1>,
        Lstm<Sequence<T, 5>, Sequence<T, 3>, (), 0, 2>,
        Dense<3, 1>
    ];
    let mut model = *model();
    train(&mut model, &windows(3));
    let (gru, lstm) = (&model.net.0, &model.net.1.0);
    let mut given = Given::NEW;
    (given.0.w, given.0.u, given.0.b, given.0.initial) = (gru.w, gru.u, gru.b, gru.state);
    (given.1.0.w, given.1.0.u, given.1.0.b, given.1.0.initial) = (lstm.w, lstm.u, lstm.b, lstm.state);
    given.1.1 = model.net.1.1.clone();
    // A step of plain descent shows the gradient.
    let mut descent = Trainer::<Net, MeanSquaredError, Sgd, 1>::of(model.net, MeanSquaredError, Sgd::new(1.0));
    let mut of_given = Trainer::<Given, MeanSquaredError, Sgd, 1>::of(given, MeanSquaredError, Sgd::new(1.0));
    let (x, y) = windows(1)[0];
    assert_eq!(descent.step(&[x], &[y]).unwrap(), of_given.step(&[x], &[y]).unwrap());
    assert_close(descent.net.0.w.flat(), &widen(of_given.net.0.w.flat()), 0.0, "w of the GRU");
    assert_close(descent.net.0.u.flat(), &widen(of_given.net.0.u.flat()), 0.0, "u of the GRU");
    assert_close(descent.net.1.0.u.flat(), &widen(of_given.net.1.0.u.flat()), 0.0, "u of the LSTM");
}

/// A run that is saved in the middle and goes on has the bits of one that is not interrupted.
#[test]
fn a_saved_run_goes_on() {
    let (mut model, windows) = (model(), windows(12));
    train(&mut model, &windows[..5]);
    let mut checkpoint = vec![0; Model::FILE_LEN];
    file::encode(&*model, &mut checkpoint).unwrap();
    let losses = train(&mut model, &windows[5..]);
    let mut later = Box::new(Model::new(&mut Sfc32::seed_from_u64(9)));
    file::decode(&mut *later, &checkpoint).unwrap();
    assert_eq!(losses, train(&mut later, &windows[5..]));
    assert_eq!(all(&model.net), all(&later.net));
}

/// As in Keras, the states are no weights: a file of weights or a checkpoint gives its weights to a net with or without states.
#[test]
fn weights_fit_with_and_without_states() {
    fn file<T: Saved>(saved: &T) -> Vec<u8> {
        let mut file = vec![0; T::FILE_LEN];
        file::encode(saved, &mut file).unwrap();
        file
    }
    let mut model = model();
    train(&mut model, &windows(3));
    let of_net = weights::all(&model.net);
    for file in [file(&model.net), file(&*model)] {
        let mut stateless = Stateless::NEW;
        file::decode(&mut stateless, &file).unwrap();
        assert_eq!(weights::all(&stateless), of_net);
    }
    let state = (model.net.0.state, model.net.1.0.state);
    assert_ne!(state, ([[0.0; 5]], [[0.0; 3]; 2]));
    let other =
        Trainer::<Stateless, MeanSquaredError, Adam, 1>::of(weights::random(3), MeanSquaredError, Adam::default());
    for file in [file(&other.net), file(&other)] {
        file::decode(&mut model.net, &file).unwrap();
        assert_eq!(weights::all(&model.net), weights::all(&other.net));
        assert_eq!((model.net.0.state, model.net.1.0.state), state);
    }
    model.net.0.reset_states();
    model.net.1.0.reset_states();
    assert_eq!((model.net.0.state, model.net.1.0.state), ([[0.0; 5]], [[0.0; 3]; 2]));
}

/// A stream that is saved after any step and goes on has the bits of one that is not interrupted.
#[test]
fn a_saved_stream_goes_on() {
    type Mixed = chain![
        CausalConv1d<Sequence<12, 2>, Sequence<12, 3>, 3, 1, Relu, 2>,
        Gru<Sequence<12, 3>, Sequence<12, 4>>,
        Residual<chain![Conv1d<Sequence<12, 4>, Sequence<12, 4>, 1>, Lstm<Sequence<12, 4>, Sequence<12, 4>>]>,
        MaxPool1d<Sequence<12, 4>, Sequence<6, 4>, 2>,
        SimpleRnn<Sequence<6, 4>, Sequence<6, 2>>
    ];
    let (net, steps): (Mixed, Vec<[f32; 2]>) = (weights::random(3), tensors(25, 5));
    let outputs = |state: &mut StreamState<Mixed>, steps: &[[f32; 2]]| -> Vec<_> {
        steps.iter().map(|x| net.push(&mut state.0, x).map(|y| bits(&y))).collect()
    };
    let fresh = || StreamState::<Mixed>::NEW;
    let whole = outputs(&mut fresh(), &steps);
    for cut in 0..steps.len() {
        let mut state = fresh();
        outputs(&mut state, &steps[..cut]);
        let mut file = vec![0; StreamState::<Mixed>::FILE_LEN];
        file::encode(&state, &mut file).unwrap();
        let mut later = fresh();
        file::decode(&mut later, &file).unwrap();
        assert_eq!(outputs(&mut later, &steps[cut..]), whole[cut..], "cut after {cut} steps");
    }
}

/// A file of weights is no memory of a stream.
#[test]
fn other_contents_are_refused() {
    let mut file = vec![0; Stateless::FILE_LEN];
    file::encode(&Stateless::NEW, &mut file).unwrap();
    let mut state = StreamState::<Stateless>::NEW;
    let error = file::decode(&mut state, &file).unwrap_err();
    assert_eq!(error, ModelError::Contents { found: 1, needed: 4 });
}

/// A step that fails leaves the carried states as they are.
#[test]
fn a_failed_step_carries_nothing() {
    let mut model = model();
    train(&mut model, &windows(2));
    let before = all(&model.net);
    let (mut x, y) = windows(1)[0];
    x[3][1] = f32::NAN;
    model.step(&[x], &[y]).unwrap_err();
    assert_eq!(all(&model.net), before);
}
