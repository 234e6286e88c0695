//! int8 nets of trained nets: calibration, quantization-aware training, and the memory of mixed nets.

use crate::common::numbers::tensors;
use crate::common::weights;
use baregrad::int8::{self, Aware, Calibration, Int8, Layer as _, LeastSquares, Memory, MinMax, Percentile};
use baregrad::int8::{FakeInt8, Observe, Quantization, Rounded, SignalToNoise, Statistic};
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

type Net = chain![
    Conv2d<Image<6, 5, 2>, Image<3, 3, 7>, 3, 2, 2, Relu>,
    SpatialDropout<10>,
    DepthwiseConv2d<Image<3, 3, 7>, Image<3, 3, 7>, 3, 3>,
    GlobalAveragePool,
    Dropout<20>,
    Dense<7, 5, Relu>,
    Dense<5, 3>
];

fn calibrated<S: Statistic>(net: &Net) -> Calibration<Net, S> {
    let mut calibration = Calibration::new();
    tensors::<Image<6, 5, 2>>(20, 3).iter().for_each(|x| calibration.observe(net, x));
    calibration
}

/// The outputs of an int8 net for some samples.
fn run(int8: &Int8<Net>, samples: &[Image<6, 5, 2>]) -> Vec<[f32; 3]> {
    let mut memory = Memory::<Int8<Net>, { <Int8<Net> as int8::Layer>::ARENA }>::NEW;
    let output = |x| {
        int8.input(&mut memory).set(x);
        int8.infer(&mut memory).numbers()
    };
    samples.iter().map(output).collect()
}

#[test]
fn calibration_keeps_the_outputs() {
    fn check<S: Statistic>(net: &Net) {
        let samples = tensors(20, 3);
        let mut float = [[0.0; 3]; 20];
        net.infer_batch(&samples, &mut float, &mut [0.0; Net::SCRATCH]).unwrap();
        let largest = float.flat().iter().fold(0.0_f32, |largest, y| largest.max(y.abs()));
        for (int8, float) in run(&calibrated::<S>(net).int8(net), &samples).iter().zip(&float) {
            for (int8, float) in int8.iter().zip(float) {
                assert!((int8 - float).abs() <= 0.06 * largest, "{int8}, not {float}, of {largest}");
            }
        }
    }
    let net = weights::random(1);
    check::<MinMax>(&net);
    check::<Percentile<0>>(&net);
    check::<LeastSquares>(&net);
}

/// Nets of other shapes, whose int8 outputs are near those of floats.
#[test]
fn calibration_of_sequences_and_padding() {
    macro_rules! near {
        ($net:ty, $X:ty) => {{
            let (net, samples): ($net, _) = (weights::random(1), tensors::<$X>(20, 3));
            let mut calibration = Calibration::<$net>::new();
            samples.iter().for_each(|x| calibration.observe(&net, x));
            let int8 = calibration.int8(&net);
            let mut memory = Memory::<Int8<$net>, { <Int8<$net> as int8::Layer>::ARENA }>::NEW;
            for x in &samples {
                let mut y = [[0.0; 3]];
                net.infer_batch(&[*x], &mut y, &mut [0.0; <$net>::SCRATCH]).unwrap();
                int8.input(&mut memory).set(x);
                for (int8, float) in int8.infer(&mut memory).numbers().iter().zip(y.flat()) {
                    assert!((int8 - float).abs() <= 0.06, "{int8}, not {float}");
                }
            }
        }};
    }
    type Steps = chain![Conv1d<Sequence<9, 2>, Sequence<9, 5>, 3, 1, Relu>, GlobalAveragePool, Dense<5, 3>];
    near!(Steps, Sequence<9, 2>);
    type Around = ZeroPadding2d<Image<4, 3, 2>, Image<7, 5, 2>, 1, 2>;
    type Padded = chain![Around, Conv2d<Image<7, 5, 2>, Image<3, 2, 4>, 3, 3, 2, Relu>, GlobalAveragePool, Dense<4, 3>];
    near!(Padded, Image<4, 3, 2>);
}

#[test]
fn a_net_in_training_gives_the_bits_of_its_int8_net() {
    let net: Net = weights::random(1);
    let mut model = Trainer::<Aware<Net>, MeanSquaredError, Adam, 8>::new(&mut Sfc32::seed_from_u64(1));
    model.net = calibrated::<MinMax>(&net).aware(&net);
    let samples = tensors::<Image<6, 5, 2>>(40, 5);
    for round in 0..5 {
        let int8 = int8::int8_of_aware::<Net>(&model.net);
        let mut y = [[0.0; 3]; 40];
        model.net.infer_batch(&samples, &mut y, &mut [0.0; <Aware<Net>>::SCRATCH]).unwrap();
        assert_eq!(run(&int8, &samples).as_flattened(), y.flat(), "round {round}");
        model.step(&samples[..8], &tensors::<[f32; 3]>(8, round)).unwrap();
    }
    // Each layer learnt.
    let int8 = int8::int8_of_aware::<Net>(&model.net);
    assert_ne!(run(&int8, &samples), run(&calibrated::<MinMax>(&net).int8(&net), &samples));
    let mut before = Vec::new();
    calibrated::<MinMax>(&net).aware(&net).tensors(0, &mut |name, values| before.push((name, values.to_vec())));
    let (mut after, mut moved) = (Vec::new(), 0);
    model.net.tensors(0, &mut |_, values| after.push(values.to_vec()));
    for ((name, before), after) in before.iter().zip(&after) {
        let scales = ["from", "to"].contains(&name.tensor);
        assert_eq!(before == after, scales, "{name:?}");
        moved += usize::from(before != after);
    }
    assert_eq!(moved, 8);
}

/// The gradient of a layer takes rounding for the identity, but at the ends of the range of its output.
#[test]
fn gradients_go_straight_through() {
    const X: Quantization = Quantization { scale: 1.0 / 64.0, zero_point: 10 };
    const Y: Quantization = Quantization { scale: 1.0 / 32.0, zero_point: -5 };
    type Model = Trainer<FakeInt8<Dense<3, 2>>, MeanSquaredError, Sgd, 4>;
    let mut model = Model::untrained(MeanSquaredError, Sgd::new(1.0));
    model.net = FakeInt8::new(Dense::from_weights([[2.0, -0.7], [0.9, 1.1], [-0.4, 3.0]], [0.3, -0.2]), X, Y);
    let w = model.net.layer.w;
    // The last sample brings the first output to 127.
    let x = [[0.5, -0.25, 1.0], [-0.75, 0.5, 0.25], [0.125, 0.25, -0.5], [1.8, 1.8, -1.8]];
    let targets: [[f32; 2]; 4] = core::array::from_fn(|i| [i as f32 * 0.3, 0.5 - i as f32 * 0.2]);
    let mut y = [[0.0; 2]; 4];
    model.net.infer_batch(&x, &mut y, &mut [0.0; 0]).unwrap();
    assert_eq!(y[3][0], Y.number(127));
    model.step(&x, &targets).unwrap();
    for o in 0..2 {
        for i in 0..3 {
            let ends = |y: f32| y == Y.number(127) || y == Y.number(-128);
            let slope = |b: usize| if ends(y[b][o]) { 0.0 } else { 2.0 * f64::from(y[b][o] - targets[b][o]) / 8.0 };
            let gradient: f64 = (0..4).map(|b| f64::from(x[b][i]) * slope(b)).sum();
            let moved = f64::from(w[i][o]) - f64::from(model.net.layer.w[i][o]);
            assert!((moved - gradient).abs() < 1e-6, "{i} {o}: {moved}, not {gradient}");
        }
    }
}

/// So do the gradients of a layer and those before it where a sample is rounded to its own range.
#[test]
fn rounded_samples() {
    const SCALE: f32 = 0.03;
    type Net = chain![Dense<2, 3>, Rounded<Dense<3, 2>, { SCALE.to_bits() }>];
    let mut model = Trainer::<Net, MeanSquaredError, Sgd, 2>::untrained(MeanSquaredError, Sgd::new(1.0));
    let weights = [[5.0, -127.0], [64.0, 3.0], [-20.0, 90.0]];
    model.net.0.w = [[0.5, -0.25, 1.0], [0.75, 0.5, -0.125]];
    model.net.1.0.w = weights;
    let (first, x, targets) = (model.net.0.w, [[1.0, 0.3], [-0.6, 0.8]], [[0.5, -1.0], [1.5, 0.25]]);
    let hidden = x.map(|x| [0, 1, 2].map(|i| x[0] * first[0][i] + x[1] * first[1][i]));
    // Each sample by itself: its largest number is 127 steps.
    let y = hidden.map(|hidden: [f32; 3]| {
        let step = hidden.iter().fold(0.0_f32, |range, x| range.max(x.abs())) / 127.0;
        let q = hidden.map(|x| (x / step).round());
        [0, 1].map(|o| (0..3).map(|i| q[i] * weights[i][o]).sum::<f32>() * (step * SCALE))
    });
    let mut together = [[0.0; 2]; 2];
    model.net.infer_batch(&x, &mut together, &mut [0.0; Net::SCRATCH]).unwrap();
    assert_eq!(together, y);
    model.step(&x, &targets).unwrap();
    let slopes: [[f32; 2]; 2] = [0, 1].map(|b| [0, 1].map(|o| 2.0 * (y[b][o] - targets[b][o]) / 4.0 * SCALE));
    let close = |found: f32, expected: f32| assert!((found - expected).abs() < 2e-5, "{found}, not {expected}");
    for i in 0..3 {
        for o in 0..2 {
            let gradient: f32 = (0..2).map(|b| hidden[b][i] * slopes[b][o]).sum();
            close(weights[i][o] - model.net.1.0.w[i][o], gradient);
        }
        for j in 0..2 {
            let slope = |b: usize| (0..2).map(|o| slopes[b][o] * weights[i][o]).sum::<f32>();
            close(first[j][i] - model.net.0.w[j][i], (0..2).map(|b| x[b][j] * slope(b)).sum());
        }
    }
}

#[test]
fn the_report_names_the_layer_that_loses() {
    let mut net: Net = weights::random(1);
    // One channel of the first layer is 1000 times larger, and the next layer divides it again.
    net.0.w.iter_mut().flatten().flatten().for_each(|w| w[2] *= 1000.0);
    net.0.b[2] *= 1000.0;
    net.1.1.0.w.iter_mut().flatten().for_each(|w| w[2] /= 1000.0);
    let samples = tensors(20, 3);
    let report = |net: &Net| -> Vec<f32> {
        let int8 = calibrated::<MinMax>(net).int8(net);
        let mut memory = Memory::<Int8<Net>, { <Int8<Net> as int8::Layer>::ARENA }>::NEW;
        let mut report = SignalToNoise::<Net, { <Int8<Net> as int8::Layer>::OPERATORS }>::new();
        samples.iter().for_each(|x| report.observe(net, &int8, &mut memory, x));
        (0..<Int8<Net> as int8::Layer>::OPERATORS).map(|operator| report.decibels(operator)).collect()
    };
    let (good, bad) = (report(&weights::random(1)), report(&net));
    // The pool is two operators, of which the last one has a layer's output.
    assert!(good[3].is_nan() && good.iter().all(|decibels| decibels.is_nan() || *decibels > 28.0), "{good:?}");
    // The large channel hides the noise in the first output; the depthwise layer shows it.
    assert!(bad[0] > 40.0 && bad[2] < 15.0, "{bad:?}");
}

/// What operators write, in order.
struct Rows(Vec<(usize, usize, Vec<u8>)>);

impl Observe for Rows {
    fn row(&mut self, operator: usize, row: usize, bytes: &[u8], _: Quantization) {
        self.0.push((operator, row, bytes.to_vec()));
    }
}

/// A memory may be larger than it need be, and what was in it does not matter.
#[test]
fn the_memory_does_not_matter() {
    let net: Net = weights::random(1);
    let int8 = calibrated::<MinMax>(&net).int8(&net);
    let x = tensors::<Image<6, 5, 2>>(1, 7)[0];
    let mut small = Memory::<Int8<Net>, { <Int8<Net> as int8::Layer>::ARENA }>::NEW;
    let mut large = Memory::<Int8<Net>, 1000>::NEW;
    let (mut first, mut second) = (Rows(Vec::new()), Rows(Vec::new()));
    int8.input(&mut small).set(&x);
    int8.infer_observed(&mut small, &mut first);
    for _ in 0..2 {
        second.0.clear();
        int8.input(&mut large).set(&x);
        int8.infer_observed(&mut large, &mut second);
        assert_eq!(first.0, second.0);
    }
}

/// A backbone of int8 in flash, whose features a head in float learns from. What takes RAM is the memory and the head.
#[test]
fn heads_learn_in_little_memory() {
    type Head<const C: usize, const N: usize, O> = Trainer<Dense<C, N>, SparseCategoricalCrossEntropy<Logits>, O, 1>;
    // DS-CNN's activations take 8640 bytes, ResNet-8's 33,280: `cargo run -p mlperf` shows both.
    const { assert!(8640 + size_of::<Head<64, 12, Sgd>>() <= 20_000) };
    const { assert!(8640 + size_of::<Head<64, 12, Adam>>() <= 26_000) };
    const { assert!(33_280 + size_of::<Head<64, 10, Sgd>>() <= 36_864) };
    const { assert!(33_280 + size_of::<Head<64, 10, Adam>>() <= 41_984) };

    // The features of a backbone are what the head gets.
    type Backbone = chain![Conv2d<Image<4, 4, 1>, Image<4, 4, 6>, 3, 3, 1, Relu>, GlobalAveragePool];
    let backbone: Backbone = weights::random(1);
    let samples = tensors::<Image<4, 4, 1>>(30, 1);
    let mut calibration = Calibration::<Backbone>::new();
    samples.iter().for_each(|x| calibration.observe(&backbone, x));
    let int8 = calibration.int8(&backbone);
    let mut memory = Memory::<Int8<Backbone>, { <Int8<Backbone> as int8::Layer>::ARENA }>::NEW;
    let mut head = Head::<6, 2, Adam>::new(&mut Sfc32::seed_from_u64(2));
    let class = |x: &Image<4, 4, 1>| u8::from(x.flat().iter().sum::<f32>() > 0.0);
    let mut losses = [0.0; 40];
    for loss in &mut losses {
        for x in &samples {
            int8.input(&mut memory).set(x);
            let features = int8.infer(&mut memory).numbers();
            *loss += head.step(&[features], &[class(x)]).unwrap();
        }
    }
    assert!(losses[39] < 0.8 * losses[0], "{losses:?}");
}
