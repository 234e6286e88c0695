//! What an output depends on, and what it is made of.

use crate::common::numbers::{assert_close, samples};
use crate::common::reference::{flat as numbers, load};
use crate::common::weights;
use baregrad::net::Layer;
use baregrad::prelude::*;
use serde_json::Value;
use std::sync::Mutex;

fn floats<const N: usize>(value: &Value) -> [f32; N] {
    let floats: Vec<f32> = numbers(value).iter().map(|v| *v as f32).collect();
    floats.try_into().unwrap()
}

type Plain = chain![Dense<5, 7, Tanh>, Dense<7, 3, Softmax>];
/// A residual block, and branches of both kinds; all but the last layers frozen, which changes no gradient of the input.
type Branched = chain![
    Frozen<Dense<4, 6, Tanh>>,
    Frozen<Residual<chain![Dense<6, 3, Tanh>, Dense<3, 6>]>>,
    Concat<BiasOnly<Dense<6, 2, Tanh>>, Dense<6, 3, Gelu>, 5>,
    Sum<Dense<5, 3, Tanh>, Dense<5, 3>>
];

fn check<const I: usize, N: Network<Input = [f32; I]> + Layer<[f32; I], Y = [f32; 3]>>(name: &str) {
    let file = load("saliency");
    let json = &file["nets"][name];
    let mut net = N::NEW;
    let mut tensors = json["weights"].as_array().unwrap().iter();
    net.tensors_mut(0, &mut |_, to| {
        let from = numbers(tensors.next().unwrap());
        assert_eq!(to.len(), from.len());
        to.iter_mut().zip(from).for_each(|(to, from)| *to = from as f32);
    });
    assert!(tensors.next().is_none());

    let mut saliency = Saliency::<N>::NEW;
    let mut scratch = vec![f32::NAN; N::SCRATCH];
    for case in json["cases"].as_array().unwrap() {
        let (x, baseline) = (floats::<I>(&case["x"]), floats::<I>(&case["baseline"]));
        let mut y = [[0.0; 3]; 1];
        net.infer_batch(&[x], &mut y, &mut scratch).unwrap();
        assert_close(&y[0], &numbers(&case["y"]), 2e-6, "y");
        for (output, want) in case["of_outputs"].as_array().unwrap().iter().enumerate() {
            let slopes = saliency.of_output(&net, &x, output).unwrap();
            assert_close(slopes, &numbers(want), 2e-6, &format!("{name}: slopes of output {output}"));
        }
        let target = floats::<3>(&case["target"]);
        let slopes = saliency.of_loss(&net, &x, &MeanSquaredError, &target).unwrap();
        assert_close(slopes, &numbers(&case["of_loss"]), 2e-6, &format!("{name}: slopes of the loss"));

        let output = case["output"].as_u64().unwrap() as usize;
        let mut integrate = |steps| {
            let mut attributions = [f32::NAN; I];
            saliency.integrate(&net, &x, &baseline, output, steps, &mut attributions).unwrap();
            attributions
        };
        for (steps, want) in numbers(&json["steps"]).into_iter().zip(case["integrated"].as_array().unwrap()) {
            let what = format!("{name}: integrated gradients, {steps} steps");
            assert_close(&integrate(steps as u32), &numbers(want), 2e-6, &what);
        }
        assert_close(&integrate(300), &numbers(&case["f64"]["integrated"]), 2e-5, &format!("{name}: the integral"));
    }
}

#[test]
fn agrees_with_pytorch() {
    check::<5, Plain>("dense");
    check::<4, Branched>("branched");
}

/// The attributions sum up to the gain over the baseline, the better the more steps there are.
#[test]
fn attributions_are_complete() {
    type Net = chain![Dense<6, 16, Tanh>, Residual<Dense<16, 16, Gelu>>, Dense<16, 2, Sigmoid>];
    let net: Net = weights::random(3);
    let mut saliency = Saliency::<Net>::NEW;
    let (x, baselines) = (samples::<6>(8, 1), samples::<6>(8, 2));
    let mut worst = [0.0_f32; 3];
    for (x, baseline) in x.iter().zip(&baselines) {
        let (mut high, mut low) = ([0.0; 2], [0.0; 2]);
        net.infer_one(x, &mut high, &mut [0.0; Net::SCRATCH]);
        net.infer_one(baseline, &mut low, &mut [0.0; Net::SCRATCH]);
        for (worst, steps) in worst.iter_mut().zip([4, 16, 64]) {
            let mut attributions = [0.0; 6];
            saliency.integrate(&net, x, baseline, 1, steps, &mut attributions).unwrap();
            *worst = worst.max((attributions.iter().sum::<f32>() - (high[1] - low[1])).abs());
        }
    }
    // Four times the steps, a sixteenth of the error.
    assert!(worst[0] < 2e-2 && worst[1] < worst[0] / 8.0 && worst[2] < worst[1] / 8.0, "{worst:?}");
}

#[test]
fn errors() {
    let mut saliency = Saliency::<Plain>::NEW;
    let (net, x) = (Plain::NEW, [0.5; 5]);
    let none = Error::NoSuchOutput { output: 3, outputs: 3 };
    assert_eq!(saliency.of_output(&net, &x, 3), Err(none));
    assert_eq!(saliency.integrate(&net, &x, &x, 3, 5, &mut [0.0; 5]), Err(none));
    let loss = SparseCategoricalCrossEntropy::<Logits>::new();
    let no_class = Error::ClassOutOfRange { sample: 0, class: 4, classes: 3 };
    assert_eq!(saliency.of_loss(&net, &x, &loss, &4_u8), Err(no_class));
    assert!(saliency.of_loss(&net, &x, &loss, &2_u8).is_ok());
}

/// On a device: weights in flash, the rest in a `static` of known size.
#[test]
fn statics() {
    static NET: Plain = Plain::NEW;
    static SALIENCY: Mutex<Saliency<Plain>> = Mutex::new(Saliency::NEW);
    // x and its gradient; the outputs of both layers; both buffers, each with the word that says which variant it is.
    const _: () = assert!(size_of::<Saliency<Plain>>() == (2 * 5 + 7 + 3 + (1 + 7) + (1 + 5)) * 4);
    assert_eq!(SALIENCY.lock().unwrap().of_output(&NET, &[1.0; 5], 0), Ok(&[0.0; 5]));
}
