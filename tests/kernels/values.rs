//! Agreement with Keras and PyTorch: `tests/reference/README.md` says what the numbers are.

use crate::common::numbers::relative;
use crate::common::passes;
use crate::common::reference::{flat, floats, load};
use baregrad::activations::Activation;
use baregrad::losses::Loss;
use baregrad::prelude::*;
use baregrad::tensor::Yes;
use serde_json::Value;

#[track_caller]
fn assert_close(got: &[f32], want: &[f64], tolerance: f64, what: &str) {
    crate::common::numbers::assert_close(got, want, tolerance, what);
}

/// Value and derivative of `A` at all points of the reference.
fn activation<A: Activation>(file: &Value, library: &str, name: &str, tolerance: f64) {
    let (x, want) = (floats(&file["x"]), &file[library][name]);
    let what = |of: &str| format!("{name}{of} of {library}");
    let layer = Activate::<A>::NEW;
    let (mut y, mut dx) = (Vec::new(), Vec::new());
    for x in &x {
        let passed = passes::train::<1, Yes, [f32; 1], _>(&layer, &[[*x]], None, &|_, dy| dy.fill([1.0]));
        y.extend(passed.y);
        dx.extend(passed.dx);
    }
    let mut want_dx = flat(&want["dydx"]);
    if name == "selu" {
        // At 0 it is a matter of convention: Keras' here, the other limit in PyTorch.
        let zero = x.iter().position(|x| *x == 0.0).unwrap();
        want_dx[zero] = flat(&file["keras"]["selu"]["dydx"])[zero];
    }
    assert_close(y.as_flattened(), &flat(&want["y"]), tolerance, &what(""));
    assert_close(dx.as_flattened(), &want_dx, tolerance, &what("'s derivative"));
}

#[test]
fn activations() {
    let file = load("activations");
    for library in ["keras", "torch", "f64"] {
        // Its slope takes 1 − s of a gate s that is nearly open, and enlarges that rounding by up to 60.
        activation::<GeluTanh>(&file, library, "gelu_tanh", 5e-6);
        macro_rules! compare {
            ($($name:literal $type:ty),+) => { $(activation::<$type>(&file, library, $name, 2e-6);)+ };
        }
        compare!("linear" Linear, "relu" Relu, "relu6" Relu6, "elu" Elu, "selu" Selu, "gelu" Gelu, "silu" Silu);
        compare!("sigmoid" Sigmoid, "tanh" Tanh, "softplus" Softplus, "softsign" Softsign);
        compare!("hard_sigmoid" HardSigmoid, "hard_swish" HardSwish);
    }
    activation::<LeakyRelu>(&file, "keras", "leaky_relu", 2e-6);
    activation::<LeakyRelu<1>>(&file, "torch", "leaky_relu", 2e-6);
    activation::<LeakyRelu<1>>(&file, "f64", "leaky_relu_torch", 2e-6);
}

type ChainRule = fn(&[f32], Option<&[f32]>, &mut [f32]);

#[test]
fn softmax() {
    for row in load("activations")["softmax"]["rows"].as_array().unwrap() {
        let (x, dy) = (floats(&row["x"]), floats(&row["dy"]));
        for (library, want) in [("Keras", row), ("f64", &row["f64"])] {
            for (name, finish, chain_rule) in [
                ("softmax", Softmax::finish_row as fn(&mut [f32]), Softmax::chain_rule as ChainRule),
                ("log_softmax", LogSoftmax::finish_row, LogSoftmax::chain_rule),
            ] {
                let (mut y, mut dx, mut in_place) = (x.clone(), vec![f32::NAN; x.len()], dy.clone());
                finish(&mut y);
                chain_rule(&y, Some(&dy), &mut dx);
                chain_rule(&y, None, &mut in_place);
                assert_eq!(dx, in_place);
                assert_close(&y, &flat(&want[name]), 2e-6, &format!("{name} of {library} at {x:?}"));
                let name = format!("{name}_dx");
                assert_close(&dx, &flat(&want[&name]), 2e-6, &format!("{name} of {library} at {x:?}"));
            }
        }
    }
}

/// A case of one loss with `N` outputs. `target` makes the target of a row.
fn loss_of_width<const N: usize, L: Loss<[f32; N], T>, T>(
    case: &Value,
    function: &L,
    target: impl Fn(&[f32], usize) -> T,
    what: &str,
) {
    let (rows, y, targets) = (case["rows"].as_u64().unwrap() as usize, floats(&case["y"]), floats(&case["target"]));
    let (mut loss, mut dy) = (0.0, vec![[0.0; N]; rows]);
    for (row, (y, dy)) in y.as_chunks::<N>().0.iter().zip(&mut dy).enumerate() {
        loss += function.gradient(y, &target(&targets, row), 1.0 / rows as f32, dy) / rows as f32;
    }
    let what = format!("{what}, {rows} × {N}, {}", case["note"]);
    // ln Σ eᶻ has the size of the largest logit, and so has its rounding, before the right logit is taken away.
    let logits = L::NAME.contains("categorical") && L::NAME.ends_with("logits");
    let scale = y.iter().fold(1.0_f32, |largest, y| if logits { largest.max(y.abs()) } else { 1.0 });
    assert_close(&[loss], &flat(&case["loss"]), 2e-6 * f64::from(scale), &what);
    assert_close(dy.as_flattened(), &flat(&case["dy"]), 2e-6, &format!("gradient of {what}"));
}

/// All cases of `$name` in `$libraries`, with targets by `$target`.
macro_rules! loss {
    ($file:ident $libraries:expr, $name:literal, $loss:expr, $target:ident) => {
        for library in $libraries {
            for case in $file[library][$name].as_array().unwrap() {
                loss!(@ case, format!("{} of {library}", $name), $loss, $target, 1 2 3 4 10 17);
            }
        }
    };
    (@ $case:ident, $what:expr, $loss:expr, $target:ident, $($n:literal)+) => {
        match $case["width"].as_u64().unwrap() {
            $($n => loss_of_width::<$n, _, _>($case, &$loss, $target::<$n>, &$what),)+
            n => panic!("no case for width {n}"),
        }
    };
}

fn array<const N: usize>(targets: &[f32], row: usize) -> [f32; N] {
    targets.as_chunks::<N>().0[row]
}

fn class<const N: usize>(targets: &[f32], row: usize) -> u16 {
    targets[row] as u16
}

#[test]
fn losses() {
    let file = load("losses");
    let both = ["keras", "torch"];
    loss!(file both, "mse", MeanSquaredError, array);
    loss!(file both, "mae", MeanAbsoluteError, array);
    loss!(file both, "huber", Huber::default(), array);
    // PyTorch bounds the logarithms elsewhere: only Keras' form from probabilities is meant.
    loss!(file["keras"], "binary_crossentropy", BinaryCrossEntropy::<Probabilities>::new(), array);
    loss!(file both, "binary_crossentropy_logits", BinaryCrossEntropy::<Logits>::new(), array);
    loss!(file["keras"], "categorical_crossentropy", CategoricalCrossEntropy::<Probabilities>::new(), array);
    loss!(file both, "categorical_crossentropy_logits", CategoricalCrossEntropy::<Logits>::new(), array);
    loss!(
        file["keras"],
        "sparse_categorical_crossentropy",
        SparseCategoricalCrossEntropy::<Probabilities>::new(),
        class
    );
    loss!(file both, "sparse_categorical_crossentropy_logits", SparseCategoricalCrossEntropy::<Logits>::new(), class);
}

#[test]
fn more_losses() {
    let file = load("more_losses");
    let (keras, torch, both) = (["keras"], ["torch"], ["keras", "torch"]);
    loss!(file both, "kl_divergence", KlDivergence, array);
    loss!(file keras, "hinge", Hinge, array);
    loss!(file keras, "hinge_binary", Hinge, array);
    loss!(file keras, "squared_hinge", SquaredHinge, array);
    loss!(file keras, "squared_hinge_binary", SquaredHinge, array);
    loss!(file keras, "categorical_hinge", CategoricalHinge, array);
    loss!(file keras, "log_cosh", LogCosh, array);
    loss!(file keras, "cosine_similarity", CosineSimilarity, array);
    loss!(file both, "poisson", Poisson, array);
    loss!(file keras, "binary_focal", BinaryFocalCrossEntropy::default(), array);
    loss!(file keras, "binary_focal_balanced", BinaryFocalCrossEntropy::balanced(1.5, 0.3), array);
    loss!(file keras, "categorical_focal", CategoricalFocalCrossEntropy::default(), array);
    loss!(file torch, "quantile", Quantile { quantile: 0.8 }, array);
    type Smooth<L> = LabelSmoothing<L>;
    loss!(file keras, "smoothed_binary", Smooth::new(BinaryCrossEntropy::<Probabilities>::new(), 0.1), array);
    loss!(file keras, "smoothed_binary_logits", Smooth::new(BinaryCrossEntropy::<Logits>::new(), 0.1), array);
    loss!(file keras, "smoothed_categorical", Smooth::new(CategoricalCrossEntropy::<Probabilities>::new(), 0.1), array);
    loss!(file both, "smoothed_categorical_logits", Smooth::new(CategoricalCrossEntropy::<Logits>::new(), 0.1), array);
    let sparse = Smooth::new(SparseCategoricalCrossEntropy::<Logits>::new(), 0.1);
    // One-hot targets name classes, too.
    loss!(file both, "smoothed_categorical_logits", sparse, array);
}

#[test]
fn weighted_losses() {
    let file = &load("more_losses")["weighted"];
    macro_rules! weighted {
        ($name:literal, $n:literal, $loss:expr, $target:ident) => {
            for case in file["sample"][$name].as_array().unwrap() {
                let weights = floats(&case["weights"]);
                let target = |targets: &[f32], row: usize| ($target::<$n>(targets, row), weights[row]);
                loss_of_width::<$n, _, _>(case, &SampleWeighted($loss), target, concat!("weighted ", $name));
            }
        };
        ($name:literal, $n:literal, $classes:literal, $loss:expr, $target:ident) => {
            for case in file["class"][$name].as_array().unwrap() {
                let weights: [f32; $classes] = floats(&case["weights"]).try_into().unwrap();
                let loss = ClassWeighted::new($loss, weights);
                loss_of_width::<$n, _, _>(case, &loss, $target::<$n>, concat!("class-weighted ", $name));
            }
        };
    }
    weighted!("mse", 3, MeanSquaredError, array);
    weighted!("binary_crossentropy_logits", 1, BinaryCrossEntropy::<Logits>::new(), array);
    weighted!("sparse_categorical_crossentropy_logits", 3, SparseCategoricalCrossEntropy::<Logits>::new(), class);
    weighted!("kl_divergence", 3, KlDivergence, array);
    weighted!("binary_crossentropy_logits", 1, 2, BinaryCrossEntropy::<Logits>::new(), array);
    weighted!("sparse_categorical_crossentropy_logits", 3, 3, SparseCategoricalCrossEntropy::<Logits>::new(), class);
    weighted!("categorical_crossentropy_logits", 3, 3, CategoricalCrossEntropy::<Logits>::new(), array);
}

type Xor = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];

const XOR_X: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
const XOR_Y: [[f32; 1]; 4] = [[0.0], [1.0], [1.0], [0.0]];

/// Losses and weights after 1, 10, 100 and 1000 epochs, and the predictions at the end.
fn script(initial: &[f32]) -> (Vec<(String, f32, Vec<f32>)>, [f32; 4]) {
    let mut model = Trainer::<Xor, BinaryCrossEntropy, Adam, 1>::new(&mut Sfc32::NEW.clone());
    crate::common::weights::write(&mut model.net, initial);
    let fit = Fit { epochs: 1, batch_size: 1, shuffle: false };
    let mut stages = Vec::new();
    for epoch in 1..=1000 {
        let loss = model.fit(&XOR_X, &XOR_Y, &fit).unwrap().loss;
        if [1, 10, 100, 1000].contains(&epoch) {
            stages.push((epoch.to_string(), loss, crate::common::weights::read(&mut model.net)));
        }
    }
    (stages, model.predict(&XOR_X).map(|[p]| p))
}

/// The tutorials' script: 2-2-1, Adam, one sample a step, 1000 epochs from Keras' own initial weights.
#[test]
fn xor_script() {
    for run in load("xor_script")["runs"].as_array().unwrap() {
        let seed = run["seed"].as_u64().unwrap();
        let initial: Vec<f32> = run["initial"].as_array().unwrap().iter().flat_map(|t| floats(&t["data"])).collect();
        let (stages, predictions) = script(&initial);
        for (epoch, loss, weights) in stages {
            let what = format!("seed {seed}, epoch {epoch}");
            let (want_loss, want) = (flat(&run["epoch_losses"][&epoch]), flat(&run["weights"][&epoch]));
            // Seed 1 learns along the kink of a unit, where a last place decides: see `seed_1_stands_on_an_edge`.
            let tolerance = if seed == 1 && epoch == "1000" { 1e-3 } else { 2e-5 };
            assert_close(&[loss], &want_loss, tolerance, &format!("loss, {what}"));
            assert_close(&weights, &want, tolerance, &format!("weights, {what}"));
        }
        let tolerance = if seed == 1 { 1e-3 } else { 2e-5 };
        assert_close(&predictions, &flat(&run["predictions"]), tolerance, &format!("predictions, seed {seed}"));
    }
}

/// Why seed 1 agrees less well: a few parts in a million of its initial weights, far less than the rounding of its first
/// hundred epochs comes to, move its end as far.
#[test]
fn seed_1_stands_on_an_edge() {
    let run = &load("xor_script")["runs"][1];
    let initial: Vec<f32> = run["initial"].as_array().unwrap().iter().flat_map(|t| floats(&t["data"])).collect();
    let end = |initial: &[f32]| script(initial).0.pop().unwrap().2;
    let reference: Vec<f64> = end(&initial).iter().map(|w| f64::from(*w)).collect();
    let spread = (0..18).map(|i| {
        let mut moved = initial.clone();
        moved[i / 2] += if i % 2 == 0 { 5e-6 } else { -5e-6 };
        end(&moved).iter().zip(&reference).map(|(a, b)| relative(*a, *b)).fold(0.0, f64::max)
    });
    let spread = spread.fold(0.0, f64::max);
    assert!(spread > 5e-4, "{spread}");
}
