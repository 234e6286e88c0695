//! A stream gives the bits of its window, for all layers that run on streams.

use crate::common::catalogue::InBody;
use crate::common::numbers::{bits, tensors};
use crate::common::{passes, weights};
use baregrad::Summary;
use baregrad::net::{InFlash, Layer, StepOf};
use baregrad::prelude::*;
use baregrad::tensor::{Sequence, Tensor};

/// The outputs of a stream, and with which steps they came.
fn stream<N: Stream>(net: &N, steps: &[StepOf<N::Input>]) -> Vec<(usize, Vec<u32>)> {
    let mut memory = N::MEMORY;
    let mut outputs = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        outputs.extend(net.push(&mut memory, step).map(|y| (i, bits(y.flat()))));
    }
    outputs
}

/// Three windows of steps.
fn steps<N: Stream>() -> Vec<StepOf<N::Input>> {
    tensors(3 * N::Input::LEN / StepOf::<N::Input>::LEN, 5)
}

/// What a window from this step on gives.
fn window<N: Stream>(net: &N, steps: &[StepOf<N::Input>], from: usize) -> Vec<Vec<u32>> {
    let count = N::Input::LEN / StepOf::<N::Input>::LEN;
    let x = N::Input::from_flat(Tensor::flat_all(&steps[from..from + count]));
    let y = passes::infer::<N::Input, N>(net, x);
    let outputs = <N as Layer<N::Input>>::Y::flat_all(&y).chunks(StepOf::<<N as Layer<N::Input>>::Y>::LEN);
    outputs.map(bits).collect()
}

/// A stream gives the outputs of its window, each as early as it can, and then goes on.
#[track_caller]
fn equals_its_window<N: Stream>() -> (N, Vec<(usize, Vec<u32>)>) {
    let net: N = weights::random(3);
    let (outputs, window) = (stream(&net, &steps::<N>()), window(&net, &steps::<N>(), 0));
    for (o, (i, _)) in outputs.iter().enumerate() {
        assert_eq!(*i, N::DELAY + o * N::HOP, "the step of output {o}");
    }
    let first: Vec<_> = outputs.iter().take(window.len()).map(|(_, y)| y.clone()).collect();
    assert_eq!(first, window);
    let steps = steps::<N>().len();
    assert_eq!(outputs.len(), (steps - N::DELAY).div_ceil(N::HOP));
    (net, outputs)
}

/// Without padding, the stream gives the outputs of each window in it.
#[track_caller]
fn slides<N: Stream>() {
    let (net, outputs) = equals_its_window::<N>();
    let steps = steps::<N>();
    for from in (0..=steps.len() * 2 / 3).step_by(N::HOP) {
        for (o, y) in window(&net, &steps, from).into_iter().enumerate() {
            assert_eq!(outputs[from / N::HOP + o].1, y, "output {o} of the window from step {from} on");
        }
    }
}

type S<const L: usize, const C: usize> = Sequence<L, C>;

#[test]
fn convolutions() {
    slides::<Conv1d<S<12, 3>, S<10, 8>, 3, 1, Tanh>>();
    slides::<Conv1d<S<12, 3>, S<4, 5>, 3, 3, Softmax>>();
    slides::<Conv1d<S<13, 2>, S<4, 17>, 3, 2, Gelu, 3>>();
    slides::<Conv1d<S<12, 9>, S<12, 4>, 1, 1, Relu>>();
    slides::<Conv1d<S<12, 9>, S<6, 4>, 1, 2>>();
    equals_its_window::<CausalConv1d<S<12, 3>, S<12, 8>, 4, 1, Relu>>();
    equals_its_window::<CausalConv1d<S<12, 3>, S<4, 33>, 3, 3, Tanh, 2>>();
    equals_its_window::<CausalConv1d<S<12, 1>, S<12, 2>, 2, 1, Tanh, 5>>();
    slides::<DepthwiseConv1d<S<12, 9>, S<5, 9>, 3, 2, Tanh>>();
    slides::<DepthwiseConv1d<S<12, 3>, S<8, 3>, 3, 1, LogSoftmax, 2>>();
    equals_its_window::<CausalDepthwiseConv1d<S<12, 8>, S<12, 8>, 3, 1, Gelu, 2>>();
    equals_its_window::<CausalDepthwiseConv1d<S<12, 32>, S<6, 32>, 4, 2>>();
}

/// A tap before the first step is left out: it is not a product with zero.
#[test]
fn nothing_before_the_first_step() {
    type Net = CausalConv1d<S<4, 1>, S<4, 1>, 3, 1>;
    let mut net = Net::NEW;
    (net.w, net.b) = ([[[f32::INFINITY]], [[f32::NAN]], [[2.0]]], [-0.0]);
    let mut memory = Net::MEMORY;
    assert_eq!(net.push(&mut memory, &[-0.0]).map(|y| y[0].to_bits()), Some((-0.0_f32).to_bits()));
}

#[test]
fn pools_and_windows() {
    slides::<MaxPool1d<S<12, 5>, S<6, 5>, 2>>();
    slides::<MaxPool1d<S<12, 8>, S<5, 8>, 4, 2>>();
    slides::<AveragePool1d<S<12, 5>, S<10, 5>, 3, 1>>();
    slides::<chain![Conv1d<S<12, 3>, S<10, 4>, 3>, GlobalAveragePool, Dense<4, 2>]>();
    slides::<chain![Conv1d<S<12, 3>, S<10, 4>, 3>, GlobalMaxPool, LayerNorm<4>, Rescale<4>]>();
    slides::<chain![Conv1d<S<12, 3>, S<5, 4>, 3, 2>, Flatten<20>, BiasOnly<Dense<20, 2, Softmax>>]>();
    slides::<Cropping1d<S<12, 3>, S<10, 3>, 2>>();
}

/// Layers that treat each step by itself.
#[test]
fn stepwise() {
    slides::<Dense<7, 5, Tanh>>();
    slides::<Embedding<S<12, 1>, S<12, 3>, 1>>();
    slides::<
        chain![
            Conv1d<S<9, 2>, S<8, 6>, 2>,
            BatchNorm<6, Softmax>,
            Activate<Softmax>,
            Dropout<20>,
            AlphaDropout<20>,
            GaussianDropout<20>,
            GaussianNoise<20>,
            SpatialDropout<20>
        ],
    >();
}

#[test]
fn compositions() {
    type Block = chain![CausalConv1d<S<12, 4>, S<12, 6>, 3, 1, Relu, 2>, Conv1d<S<12, 6>, S<12, 4>, 1>];
    equals_its_window::<chain![CausalConv1d<S<12, 2>, S<12, 4>, 2>, Residual<Block>, Residual<Recompute<Block>>]>();
    // A residual block of "valid" convolutions: the shortcut loses its first steps, too.
    type Valid = chain![Conv1d<S<12, 4>, S<10, 4>, 3, 1, Tanh>, Conv1d<S<10, 4>, S<8, 4>, 3>];
    slides::<Frozen<Sum<Valid, Cropping1d<S<12, 4>, S<8, 4>, 4>>>>();
    type Pooled<Pool> = chain![Conv1d<S<12, 3>, S<10, 4>, 3>, Pool];
    slides::<Concat<Pooled<GlobalMaxPool>, Pooled<GlobalAveragePool>, 8>>();
    slides::<chain![Conv1d<S<6, 3>, S<4, 3>, 3>, GlobalMaxPool, InFlash<InBody>]>();
}

/// A recurrent layer gives its state with each step, or from the end of the window on.
#[test]
fn recurrent() {
    equals_its_window::<Gru<S<12, 3>, S<12, 5>>>();
    equals_its_window::<Lstm<S<12, 1>, [f32; 17]>>();
    equals_its_window::<SimpleRnn<S<12, 2>, S<12, 4>, Relu>>();
    equals_its_window::<Gru<S<12, 3>, S<12, 8>, (), 0, 1>>();
    equals_its_window::<
        chain![
            CausalConv1d<S<12, 2>, S<12, 4>, 3, 1, Relu>,
            Lstm<S<12, 4>, S<12, 6>>,
            MaxPool1d<S<12, 6>, S<6, 6>, 2>,
            Gru<S<6, 6>, [f32; 5]>,
            Dense<5, 2>
        ],
    >();
    equals_its_window::<
        chain![Gru<S<12, 2>, S<12, 3>>, Conv1d<S<12, 3>, S<10, 3>, 3>, Residual<SimpleRnn<S<10, 3>, S<10, 3>>>],
    >();
    equals_its_window::<Concat<Gru<S<12, 2>, [f32; 3]>, chain![Lstm<S<12, 2>, [f32; 3]>, Dense<3, 4>], 7>>();
}

#[test]
fn prime_and_reset() {
    type Net = chain![CausalConv1d<S<12, 2>, S<6, 4>, 3, 2>, MaxPool1d<S<6, 4>, S<3, 4>, 2>];
    let (net, steps): (Net, _) = (weights::random(3), steps::<Net>());
    let (mut pushed, mut primed) = (Net::MEMORY, Net::MEMORY);
    for step in &steps[..7] {
        net.push(&mut pushed, step);
    }
    net.prime(&mut primed, &steps[..7]);
    let go_on = |memory: &mut _| steps[7..].iter().map(|step| net.push(memory, step)).collect::<Vec<_>>();
    let outputs = go_on(&mut pushed);
    assert!(outputs.iter().any(Option::is_some));
    assert_eq!(outputs, go_on(&mut primed));
    let mut once_more = primed;
    Net::reset_states(&mut once_more);
    net.prime(&mut once_more, &steps[..7]);
    assert_eq!(outputs, go_on(&mut once_more));
}

/// The memory of a stream is what the windows see, and a few counters.
#[test]
fn memory() {
    type Net = chain![CausalConv1d<S<100, 6>, S<100, 16>, 3, 1, Relu, 4>, Conv1d<S<100, 16>, S<98, 8>, 3>];
    let counters = 2 * 3 * size_of::<usize>();
    assert_eq!(size_of_val(&Net::MEMORY), (3 * 4 * 6 + 3 * 16) * 4 + counters);
    let summary = Summary::<Net>::of_stream().to_string();
    let line =
        format!("Stream:     {} bytes of RAM; an output with step 3, then every step", size_of_val(&Net::MEMORY));
    assert!(summary.contains(&line), "{summary}");
}
