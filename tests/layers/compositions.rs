//! What compositions, scalers and random layers promise.

use crate::common::numbers::{assert_close, samples};
use crate::common::reference::load;
use crate::common::{passes, weights};
use baregrad::data::{MeanVariance, MinMax};
use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::{Architecture, Summary};
use serde_json::Value;

type Block = Residual<chain![Dense<6, 3, Tanh>, Dense<3, 6>]>;
type Net = chain![
    Dense<4, 6, Tanh>,
    Block,
    Concat<Dense<6, 2>, chain![LayerNorm<6>, Dense<6, 3, Gelu>], 5>,
    Sum<Dense<5, 2>, Frozen<Dense<5, 2, Relu>>>
];

#[test]
fn the_architecture_is_text() {
    let text = "dense 4 6 tanh\nresidual\ndense 6 3 tanh\ndense 3 6 linear\nend\n\
        concat\ndense 6 2 linear\nand\nlayer_norm 6\ndense 6 3 gelu\nend\n\
        sum\ndense 5 2 linear\nand\ndense 5 2 relu\nend\n";
    assert_eq!(Net::ARCHITECTURE, Architecture::NONE.text(text));
    let mut rows = text.split_inclusive('\n').map(|line| Architecture::NONE.text(line).row());
    let mut layers = Vec::new();
    Net::rows(0, &mut |layer, row| {
        assert_eq!(rows.next(), Some(Some(row)));
        layers.push(layer);
    });
    assert_eq!((layers, rows.next()), (vec![0, 1, 1, 2, 3, 3, 3, 4, 4, 5, 6, 6, 6, 7, 7, 8], None));
    type Dressed = chain![Rescale<4>, GaussianNoise<10>, BiasOnly<Dense<4, 6>>, Reshape<[[f32; 2]; 3]>, Flatten<6>];
    assert_eq!(Dressed::ARCHITECTURE, Architecture::NONE.text("rescale 4\ndense 4 6 linear\n"));
}

const SUMMARY: &str = "\
Layer (activation)          Output shape       Param #   Trainable
Dense (tanh)                6                       30          30
Residual                    6                        0           0
  Dense (tanh)              3                       21          21
  Dense (linear)            6                       24          24
Concatenate                 5                        0           0
  Branch                    2                        0           0
    Dense (linear)          2                       14          14
  Branch                    3                        0           0
    LayerNorm               6                       12          12
    Dense (gelu)            3                       21          21
Add                         2                        0           0
  Branch                    2                        0           0
    Dense (linear)          2                       12          12
  Branch                    2                        0           0
    Dense (relu)            2                       12           0
Parameters: 146 (134 trainable)
Inference:  588 bytes in flash, 112 bytes of RAM
";

#[test]
fn the_summary_shows_the_tree() {
    assert_eq!(Summary::<Net>::new().to_string(), SUMMARY);
}

#[test]
fn tensors_of_branches_count_on() {
    let mut layers = Vec::new();
    Net::NEW.tensors(0, &mut |name, _| layers.push(name.layer));
    assert_eq!((layers, Net::LAYERS), (vec![0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7], 8));
}

/// It learns what a line cannot.
#[test]
fn a_net_of_all_compositions_learns() {
    type Deep = chain![
        Rescale<2>,
        Dense<2, 8, Tanh>,
        Residual<Dense<8, 8, Tanh>>,
        Concat<Dense<8, 4, Tanh>, Dense<8, 4, Relu>, 8>,
        GaussianNoise<5>,
        Sum<Dense<8, 1>, Dense<8, 1>>
    ];
    let x: Vec<[f32; 2]> = samples::<2>(200, 1).iter().map(|x| [1000.0 + 50.0 * x[0], 0.01 * x[1]]).collect();
    let y: Vec<[f32; 1]> = x.iter().map(|x| [f32::from(u8::from((x[0] > 1000.0) == (x[1] > 0.0)))]).collect();
    let mut model = Trainer::<Deep, BinaryCrossEntropy<Logits>, Adam>::new(&mut Sfc32::seed_from_u64(1));
    model.net.0.adapt(&x);
    model.optimizer.learning_rate = 0.01;
    model.fit(&x, &y, &Fit { epochs: 60, ..Fit::default() }).unwrap();
    let mut accuracy = BinaryAccuracy::with_threshold(0.0);
    model.evaluate(&x, &y, &mut accuracy).unwrap();
    assert!(accuracy.value() > 0.95, "{}", accuracy.value());
}

/// The penalty of a layer counts wherever it stands: in the loss, and in the gradient.
#[test]
fn penalties_within_compositions() {
    type Inner = Dense<3, 3, Linear, L1L2<3_000, 10_000>>;
    type Within = chain![Dense<2, 3>, Residual<Inner>, Concat<Inner, Sum<chain![Inner, Dense<3, 1>], Dense<3, 1>>, 4>];
    let mut net = Within::NEW;
    net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    let (residual, a, b) = (&net.1.0.0, &net.1.1.a, &net.1.1.b.a.0);
    let want = residual.penalty() + a.penalty() + b.penalty();
    assert!(want > 0.0);
    assert_close(&[net.penalty()], &[f64::from(want)], 1e-7, "penalty");

    // With data that have no gradient the weights shrink by the slope of the penalty alone.
    let mut model = Trainer::<Within, MeanSquaredError, Sgd, 1>::untrained(MeanSquaredError, Sgd::new(1.0));
    model.net.copy_from(&net);
    let x = [[0.3, -0.7]];
    let y = model.predict(&x);
    let loss = model.step(&x, &y).unwrap();
    assert_close(&[loss], &[f64::from(want)], 1e-6, "loss");
    let slope = |w: &f32| f64::from(w - 0.003 * w.signum() - 0.02 * w);
    let now = (&model.net.1.0.0, &model.net.1.1.a, &model.net.1.1.b.a.0);
    for (now, before) in [(now.0, residual), (now.1, a), (now.2, b)] {
        let want: Vec<f64> = before.w.as_flattened().iter().map(slope).collect();
        assert_close(now.w.as_flattened(), &want, 1e-6, "weights");
        assert_eq!(now.b, before.b);
    }
}

fn rows<const N: usize>(value: &Value) -> Vec<[f32; N]> {
    let row = |row: &Value| std::array::from_fn(|i| row[i].as_f64().unwrap() as f32);
    value.as_array().unwrap().iter().map(row).collect()
}

/// Each number relative to its own size: features differ by powers of ten.
#[track_caller]
fn assert_rows(got: &[[f32; 4]], want: &[[f32; 4]], tolerance: f32) {
    for (got, want) in got.as_flattened().iter().zip(want.as_flattened()) {
        assert!((got - want).abs() <= tolerance * want.abs().max(1e-3), "{got} is not {want}");
    }
}

#[test]
fn statistics_agree_with_keras_and_scikit_learn() {
    let file = load("scaling");
    let (x, asked) = (rows::<4>(&file["x"]), rows::<4>(&file["asked"]));
    let (mut seen, mut range) = (MeanVariance::NEW, MinMax::NEW);
    for x in &x {
        seen.update(x);
        range.update(x);
    }
    let of = |name: &str| -> [f32; 4] { std::array::from_fn(|i| file["keras"][name][i].as_f64().unwrap() as f32) };
    assert_rows(&[*seen.mean()], &[of("mean")], 1e-6);
    // Keras takes the mean of the squares less the square of the mean; the last two features lose digits there.
    assert_rows(&[std::array::from_fn(|i| seen.variance(i))], &[of("variance")], 1e-3);

    let mut scaler = Rescale::<4>::NEW;
    let mut y = vec![[0.0; 4]; asked.len()];
    scaler.standardize(&seen);
    scaler.infer(&asked, &mut y, &mut []);
    assert_rows(&y, &rows::<4>(&file["keras"]["y"]), 1e-3);
    let of_stream = (scaler.offset, scaler.scale);
    scaler.adapt(&x);
    assert_eq!((scaler.offset, scaler.scale), of_stream, "all at once and one by one");
    scaler.adapt(&[]);
    assert_eq!((scaler.offset, scaler.scale), of_stream, "no data");

    scaler.min_max(&range);
    scaler.infer(&asked, &mut y, &mut []);
    assert_rows(&y, &rows::<4>(&file["sklearn"]["y"]), 1e-4);
    let before = (scaler.offset, scaler.scale);
    scaler.min_max(&MinMax::NEW);
    scaler.standardize(&MeanVariance::NEW);
    assert_eq!((scaler.offset, scaler.scale), before, "no data");
}

/// A sample with a NaN counts for nothing; a range whose reciprocal is no number is as if there were none.
#[test]
fn statistics_of_hostile_data() {
    let good = [[1.0, 10.0], [3.0, 30.0], [5.0, 20.0]];
    let bad = [[1.0, 10.0], [f32::NAN, 7.0], [3.0, 30.0], [2.0, f32::INFINITY], [5.0, 20.0]];
    let (mut scaler, mut want) = (Rescale::<2>::NEW, Rescale::<2>::NEW);
    scaler.adapt(&bad);
    want.adapt(&good);
    assert_eq!((scaler.offset, scaler.scale), (want.offset, want.scale));
    scaler.adapt(&[[f32::NAN, 1.0]]);
    assert_eq!((scaler.offset, scaler.scale), (want.offset, want.scale), "no good data");

    let (mut range, mut scaler) = (MinMax::NEW, Rescale::<2>::NEW);
    range.update(&[1e-39, 0.0]);
    range.update(&[2e-39, 4e-39]);
    scaler.min_max(&range);
    assert_eq!((scaler.offset, scaler.scale), ([1e-39, 0.0], [1.0, 1.0 / 4e-39]));
    range.update(&[3e38, 0.0]);
    range.update(&[-3e38, 0.0]);
    scaler.min_max(&range);
    assert_eq!((scaler.offset[0], scaler.scale[0]), (-3e38, 1.0));

    // Squares that overflow show.
    scaler.adapt(&[[1e30, 0.0], [-1e30, 0.0]]);
    assert!(scaler.scale[0].is_nan() && scaler.scale[1] == 1e7, "{:?}", scaler.scale);
}

/// More features than are taken at a time.
#[test]
fn statistics_of_many_features() {
    let (x, mut seen) = (samples::<37>(50, 4), MeanVariance::NEW);
    x.iter().for_each(|x| seen.update(x));
    let (mut at_once, mut one_by_one) = (Rescale::<37>::NEW, Rescale::<37>::NEW);
    at_once.adapt(&x);
    one_by_one.standardize(&seen);
    assert_eq!((at_once.offset, at_once.scale), (one_by_one.offset, one_by_one.scale));
}

#[test]
fn a_dense_layer_takes_the_scaler_over() {
    type Scaled = chain![Rescale<5>, Dense<5, 7, Tanh>, Dense<7, 2>];
    let mut net: Scaled = weights::random(8);
    net.0.offset = [3.0, -2.0, 0.0, 10.0, 0.5];
    net.0.scale = [0.5, 2.0, 1.0, 0.1, 30.0];
    let x: Vec<[f32; 5]> =
        samples::<5>(20, 3).iter().map(|x| std::array::from_fn(|i| net.0.offset[i] + x[i] / net.0.scale[i])).collect();
    let infer = |net: &Scaled| {
        let mut y = vec![[0.0; 2]; x.len()];
        net.infer_batch(&x, &mut y, &mut [0.0; Scaled::SCRATCH]).unwrap();
        y.as_flattened().to_vec()
    };
    let want: Vec<f64> = infer(&net).iter().map(|y| f64::from(*y)).collect();
    net.0.fold_into(&mut net.1.0);
    assert_eq!((net.0.offset, net.0.scale), ([0.0; 5], [1.0; 5]));
    assert_close(&infer(&net), &want, 2e-5, "the folded net");
    let mut y = vec![[0.0; 2]; x.len()];
    net.1.infer_batch(&x, &mut y, &mut [0.0; Scaled::SCRATCH]).unwrap();
    assert_close(y.as_flattened(), &want, 2e-5, "the net without its scaler");
}

/// Statistics are the data's: new weights leave them alone, and so does training.
#[test]
fn scalers_stay() {
    let mut model = Trainer::<chain![Rescale<2>, Dense<2, 1>], MeanSquaredError, Sgd>::new(&mut Sfc32::NEW.clone());
    model.net.0.adapt(&[[1.0, 2.0], [3.0, 6.0]]);
    model.init(&HeUniform, &mut Sfc32::seed_from_u64(1));
    model.step(&[[1.0, 2.0]], &[[1.0]]).unwrap();
    assert_eq!((model.net.0.offset, model.net.0.scale), ([2.0, 4.0], [1.0, 0.5]));
}

/// Mean and variance of what a random layer makes of many ones.
fn noise<L: Layer<[f32; 1000], Y = [f32; 1000]>>() -> [f64; 2] {
    let y = passes::forward::<20, _, _>(&L::NEW, &[[1.0; 1000]; 20], Some(5));
    let y = crate::common::numbers::widen(y.as_flattened());
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    [mean, y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / y.len() as f64]
}

/// Keras' definitions in numbers: mean and variance of the outputs for 1.
#[test]
fn noise_has_the_stated_moments() {
    let close = |[mean, variance]: [f64; 2], want: [f64; 2]| {
        assert!((mean - want[0]).abs() < 0.02 && (variance - want[1]).abs() < 0.03 * want[1], "{mean} {variance}");
    };
    close(noise::<Dropout<20>>(), [1.0, 0.25]);
    close(noise::<GaussianDropout<20>>(), [1.0, 0.25]);
    close(noise::<GaussianNoise<30>>(), [1.0, 0.09]);
    let (p, least) = (0.2_f64, -1.758_099_340_847_376_6_f64);
    let a = ((1.0 - p) * (1.0 + p * least * least)).sqrt().recip();
    let b = -a * least * p;
    let (kept, dropped) = (a + b, a * least + b);
    let mean = 0.8 * kept + 0.2 * dropped;
    close(noise::<AlphaDropout<20>>(), [mean, 0.8 * (kept - mean).powi(2) + 0.2 * (dropped - mean).powi(2)]);
}

/// A channel is dropped everywhere or nowhere.
#[test]
fn spatial_dropout_drops_channels() {
    let y = passes::forward::<1, _, _>(&SpatialDropout::<40>, &[[[3.0; 100]; 3]], Some(5));
    assert!(y[0][0] == y[0][1] && y[0][1] == y[0][2]);
    let dropped = y[0][0].iter().filter(|y| **y == 0.0).count();
    assert!((25..55).contains(&dropped) && y[0][0].iter().all(|y| *y == 0.0 || *y == 3.0 / (1.0 - 0.4_f32)));
}
