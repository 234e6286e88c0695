//! Turns two trained nets into int8 nets: the net of `digits_cnn`, and the net of `gesture`. Then a net that int8 hurts, because a
//! few of its channels are some hundred times larger than the others: calibration alone loses points, and quantization-aware
//! training gets them back.
//!
//! ```text
//! cargo run --release --example quantize        # or another seed: … quantize 2
//! ```

mod data;

use baregrad::int8::{
    self, Aware, Calibration, Int8, Layer as _, LeastSquares, Memory, MinMax, SignalToNoise, Statistic,
};
use baregrad::prelude::*;
use data::watch::{self, Window};
use data::{Set, digits};

type Digits = chain![
    Conv2d<Image<8, 8, 1>, Image<8, 8, 12>, 3, 3, 1, Relu>,
    MaxPool2d<Image<8, 8, 12>, Image<4, 4, 12>, 2, 2>,
    Conv2d<Image<4, 4, 12>, Image<4, 4, 16>, 3, 3, 1, Relu>,
    Flatten<256>,
    Dropout<30>,
    Dense<256, 10>
];
type Gesture = chain![
    Conv1d<Window, Sequence<32, 24>, 7, 2, Relu>,
    SpatialDropout<20>,
    Conv1d<Sequence<32, 24>, Sequence<16, 32>, 5, 2, Relu>,
    GlobalMaxPool,
    Dropout<30>,
    Dense<32, 7>
];
/// The depthwise layer divides by what its channels are larger.
type Uneven = chain![
    Conv2d<Image<8, 8, 1>, Image<8, 8, 12>, 3, 3, 1, Relu>,
    DepthwiseConv2d<Image<8, 8, 12>, Image<8, 8, 12>, 3, 3>,
    Conv2d<Image<8, 8, 12>, Image<4, 4, 16>, 3, 3, 2, Relu>,
    Flatten<256>,
    Dense<256, 10>
];

type Loss = SparseCategoricalCrossEntropy<Logits>;

/// Samples that calibration looks at.
const SAMPLES: usize = 200;

/// The share of a test set that a net reads right, in percent.
fn percent<X, const N: usize>(set: &Set<X>, mut outputs: impl FnMut(&X) -> [f32; N]) -> f32 {
    let largest = |y: [f32; N]| (0..N).max_by(|a, b| y[*a].total_cmp(&y[*b]));
    let right = set.x.iter().zip(&set.y).filter(|(x, class)| largest(outputs(x)) == Some(usize::from(**class)));
    100.0 * right.count() as f32 / set.x.len() as f32
}

/// Functions for one net, whose sizes are constants.
macro_rules! accuracies {
    ($float:ident, $int8:ident, $Net:ty, $classes:literal) => {
        fn $float(net: &$Net, test: &Set<<$Net as Network>::Input>) -> f32 {
            let mut scratch = [0.0; <$Net>::SCRATCH];
            percent(test, |x| {
                let mut y = [0.0; $classes];
                net.infer_one(x, &mut y, &mut scratch);
                y
            })
        }

        fn $int8(net: &Int8<$Net>, test: &Set<<$Net as Network>::Input>) -> f32 {
            let mut memory = Memory::<Int8<$Net>, { <Int8<$Net> as int8::Layer>::ARENA }>::NEW;
            percent(test, |x| {
                net.input(&mut memory).set(x);
                net.infer(&mut memory).numbers()
            })
        }
    };
}

accuracies!(digits_in_float, digits_in_int8, Digits, 10);
accuracies!(gesture_in_float, gesture_in_int8, Gesture, 7);
accuracies!(uneven_in_float, uneven_in_int8, Uneven, 10);

fn calibrated<N: Network + int8::Quantizable<N::Input>, S: Statistic>(
    net: &N,
    samples: &[N::Input],
) -> Box<Calibration<N, S>> {
    let mut calibration = Box::new(Calibration::new());
    samples.iter().for_each(|x| calibration.observe(net, x));
    calibration
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).map_or(Ok(1), |seed| seed.parse())?;
    let image =
        |pixels: &[f32; 64]| std::array::from_fn(|row| std::array::from_fn(|column| [pixels[8 * row + column]]));
    let [train, test] =
        digits::load()?.map(|set| Set { x: set.x.iter().map(image).collect::<Vec<Image<8, 8, 1>>>(), y: set.y });

    let mut model = Trainer::<Digits, Loss, Adam, 32>::new(&mut Sfc32::seed_from_u64(seed));
    model.fit(&train.x, &train.y, &Fit { epochs: 30, ..Fit::default() })?;
    let calibration = calibrated::<_, MinMax>(&model.net, &train.x[..SAMPLES]);
    let int8 = calibration.int8(&model.net);
    let (float, lost) = (digits_in_float(&model.net, &test), digits_in_int8(&int8, &test));
    println!("digits: {float:.2} % in float, {lost:.2} % in int8");
    println!("digits: int8 loses {:.2} points", float - lost);
    println!("digits: {} bytes of weights, {} in int8", 4 * Digits::COUNT, size_of::<Int8<Digits>>());

    // What each operator loses, with its name.
    let mut memory = Memory::<Int8<Digits>, { <Int8<Digits> as int8::Layer>::ARENA }>::NEW;
    let mut report = Box::new(SignalToNoise::<Digits, { <Int8<Digits> as int8::Layer>::OPERATORS }>::new());
    test.x.iter().for_each(|x| report.observe(&model.net, &int8, &mut memory, x));
    for operator in 0..<Int8<Digits> as int8::Layer>::OPERATORS {
        println!("operator {operator}: signal to noise {:.1} dB", report.decibels(operator));
    }

    let [train_watch, test_watch] = watch::load()?;
    let mut model = Trainer::<Gesture, Loss, Adam, 32>::new(&mut Sfc32::seed_from_u64(seed));
    model.fit(&train_watch.x, &train_watch.y, &Fit { epochs: 20, ..Fit::default() })?;
    let int8 = calibrated::<_, MinMax>(&model.net, &train_watch.x[..SAMPLES]).int8(&model.net);
    let (float, lost) = (gesture_in_float(&model.net, &test_watch), gesture_in_int8(&int8, &test_watch));
    println!("gesture: {float:.2} % in float, {lost:.2} % in int8");
    println!("gesture: int8 loses {:.2} points", float - lost);

    let mut model = Trainer::<Uneven, Loss, Adam, 32>::new(&mut Sfc32::seed_from_u64(seed));
    model.fit(&train.x, &train.y, &Fit { epochs: 20, ..Fit::default() })?;
    for (channel, factor) in [400.0, 300.0, 100.0].into_iter().enumerate() {
        let Chain(conv, Chain(depthwise, _)) = &mut model.net;
        conv.w.iter_mut().flatten().flatten().for_each(|w| w[channel] *= factor);
        conv.b[channel] *= factor;
        depthwise.w.iter_mut().flatten().for_each(|w| w[channel] /= factor);
    }
    let calibration = calibrated::<_, MinMax>(&model.net, &train.x[..SAMPLES]);
    let float = uneven_in_float(&model.net, &test);
    let of_range = uneven_in_int8(&calibration.int8(&model.net), &test);
    let of_error =
        uneven_in_int8(&calibrated::<_, LeastSquares>(&model.net, &train.x[..SAMPLES]).int8(&model.net), &test);
    println!("uneven: {float:.2} % in float, {of_range:.2} % in int8 by range, {of_error:.2} % by least squares");
    println!("uneven: int8 loses {:.2} points", float - of_range.max(of_error));

    let mut aware = Trainer::<Aware<Uneven>, Loss, Adam, 32>::new(&mut Sfc32::seed_from_u64(seed));
    aware.net = calibration.aware(&model.net);
    aware.fit(&train.x, &train.y, &Fit { epochs: 20, ..Fit::default() })?;
    let learnt = uneven_in_int8(&int8::int8_of_aware::<Uneven>(&aware.net), &test);
    println!("uneven, trained in int8: {learnt:.2} %");
    println!("uneven, trained in int8: int8 loses {:.2} points", float - learnt);
    Ok(())
}
