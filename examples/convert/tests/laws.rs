//! Laws of all readers and writers: what is read can be written in every form, and read again as the same; text of a file stays
//! text.
#![cfg(all(feature = "keras", feature = "onnx"))]

/// What is written for [`every_kind`]: that it compiles is part of the test.
#[rustfmt::skip]
#[path = "generated/net.rs"]
mod generated;
/// The same for [`every_kind_of_places`].
#[rustfmt::skip]
#[path = "generated/places.rs"]
mod generated_places;
/// The same for [`every_kind_of_steps`].
#[rustfmt::skip]
#[path = "generated/steps.rs"]
mod generated_steps;

use baregrad::prelude::{Params, Rng, SeedableRng, Sfc32};
use baregrad::tensor::{same, valid};
use baregrad_convert::{Activation, Cell, Conv, Layer, Merge, Model, NameMap, Recurrent, Resizing, Statistic};
use std::fs;
use std::path::Path;
use syn::{Expr, Item, Lit, Meta};

fn below(rng: &mut Sfc32, n: u32) -> usize {
    (rng.next_u32() % n) as usize
}

fn floats(rng: &mut Sfc32, count: usize) -> Vec<f32> {
    // All finite ones are equally likely, so that most are very large or very small.
    let finite = || std::iter::repeat_with(|| f32::from_bits(rng.next_u32())).find(|x| x.is_finite());
    std::iter::repeat_with(finite).map(Option::unwrap).take(count).collect()
}

fn activation(rng: &mut Sfc32) -> Activation {
    match Activation::all().nth(below(rng, 17)).unwrap() {
        Activation::LeakyRelu(_) => Activation::LeakyRelu(rng.next_u32() % 1_000_001),
        other => other,
    }
}

/// A net as a file may have it: it may begin with any kind of layer.
fn random(rng: &mut Sfc32) -> Model {
    let mut width = 1 + below(rng, 5);
    let mut model = Model::new(vec![width]);
    for _ in 0..below(rng, 7) {
        model.layers.push(match below(rng, 5) {
            0 | 1 => {
                let (inputs, outputs) = (width, 1 + below(rng, 5));
                width = outputs;
                let (w, b) = (floats(rng, inputs * outputs), floats(rng, outputs));
                Layer::Dense { inputs, outputs, activation: activation(rng), w, b }
            }
            2 => Layer::LayerNorm {
                epsilon: floats(rng, 1)[0].abs(),
                gamma: floats(rng, width),
                beta: floats(rng, width),
            },
            3 => Layer::Rescale { offset: floats(rng, width), scale: floats(rng, width) },
            _ if below(rng, 2) == 0 => Layer::Dropout(rng.next_u32() % 100),
            _ => Layer::Activate(activation(rng)),
        });
    }
    model
}

/// What has been read is written in every form, and read again.
fn is_read_again(model: &Model) {
    assert!(Model::of_onnx(&model.to_onnx()).unwrap() == model.in_onnx(), "{}", model.types());
    is_read_again_with_types(model);
}

/// In the forms that keep an activation behind a `Dense` as a layer of its own, as `--net` may have it.
fn is_read_again_with_types(model: &Model) {
    let types = model.types();
    assert_eq!(&Model::of_bytes(&model.to_bytes(), &types).unwrap(), model);
    for names in [NameMap::pytorch(), NameMap::keras(), NameMap::baregrad()] {
        let Ok(bytes) = model.to_safetensors(&names) else {
            // PyTorch has no GRU of this form.
            assert!(types.contains("GruResetBefore<"), "{types}");
            continue;
        };
        assert_eq!(&Model::of_safetensors(&bytes, None, &names).unwrap(), model);
        assert_eq!(&Model::of_safetensors(&bytes, Some(&types), &names).unwrap(), model);
    }
    is_of_source(model, &model.to_rust("a.onnx", "a.bgrd", Some(&vec![0.5; model.inputs()])));
}

/// Reads Rust source: the type, and each ε.
fn is_of_source(model: &Model, text: &str) {
    let file = syn::parse_file(text).unwrap();
    // Names of shapes.
    let names: Vec<(&str, &str)> =
        text.lines().filter_map(|line| line.strip_prefix("type ")?.split_once(" = ")).collect();
    assert_eq!((file.items.len(), file.attrs.len()), (4 + names.len(), 1), "{text}");
    let chain = text.split_once("pub type Net = ").unwrap().1.split_once(";\n").unwrap().0;
    let mut types = String::new();
    for word in chain.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let named = names.iter().find(|(name, _)| word.trim_end_matches([',', '>']) == *name);
        let shape = named.map(|(name, shape)| word.replacen(name, shape.trim_end_matches(';'), 1));
        types += shape.as_deref().unwrap_or(word);
    }
    let mut read = Model::of_types(&types.replace(",\n]", "]"), 1 << 20).unwrap();
    assert_eq!(read.input, model.input);
    assert_eq!(read.layer_types(), model.layer_types());
    // Where there are blocks, the compiler reads the fields of `generated`.
    if read.layers.iter().any(|layer| matches!(layer, Layer::Open(_))) {
        return;
    }
    for line in text.lines().filter(|line| line.contains(".epsilon = ")) {
        let (place, value) = line.trim().trim_end_matches(';').split_once(".epsilon = ").unwrap();
        let at = place.matches(".1").count();
        assert_eq!(place.ends_with(".0"), at + 1 < read.layers.len(), "{line}");
        let Some(Layer::LayerNorm { epsilon, .. } | Layer::BatchNorm { epsilon, .. }) = read.layers.get_mut(at) else {
            panic!("{line}")
        };
        *epsilon = value.parse().unwrap();
    }
    assert_eq!(read.types(), model.types());
}

#[test]
fn what_is_read_can_be_written_in_every_form() {
    let mut rng = Sfc32::seed_from_u64(17);
    let mut first = [0; 4];
    for _ in 0..500 {
        let written = random(&mut rng);
        match written.layers.first() {
            None => first[0] += 1,
            Some(Layer::Activate(_)) => first[1] += 1,
            Some(Layer::Dropout(_)) => first[2] += 1,
            _ => first[3] += 1,
        }
        is_read_again(&Model::of_onnx(&written.to_onnx()).unwrap());
        match Model::of_types(&written.types(), 1000) {
            Ok(zeros) => {
                assert_eq!(zeros.types(), written.types());
                is_read_again_with_types(&written);
            }
            Err(_) => assert!(!matches!(
                written.layers.first(),
                Some(Layer::Dense { .. } | Layer::LayerNorm { .. } | Layer::Rescale { .. })
            )),
        }
    }
    assert!(first.iter().all(|count| *count > 10), "{first:?}");
}

/// Lengths of at most two axes before the channels, and another number of these.
fn with_channels(shape: &[usize], channels: usize) -> Vec<usize> {
    [&shape[..shape.len() - 1], &[channels]].concat()
}

/// A convolution of any padding that baregrad has.
fn conv(rng: &mut Sfc32, input: &[usize], output: Option<&[usize]>) -> Option<Layer> {
    let (axes, causal) = (input.len() - 1, input.len() == 2 && below(rng, 3) == 0);
    let kernel: Vec<usize> = (0..axes).map(|_| 1 + below(rng, 3)).collect();
    let (stride, dilation) = if output.is_some() { (1, 1) } else { (1 + below(rng, 2), 1 + below(rng, 2)) };
    let is_same = causal || output.is_some() || below(rng, 2) == 0;
    let (depthwise, transposed, more) = match below(rng, 5) {
        0 => (true, false, 0),
        // All lengths that a convolution of the same padding leads back from.
        more @ 1..3 if !causal => (false, true, (more - 1).min(stride - 1)),
        _ => (false, false, 0),
    };
    let length = |at: usize| {
        let window = (kernel[at] - 1) * dilation + 1;
        match (is_same, transposed) {
            (true, true) => input[at] * stride - more,
            (false, true) => (input[at] - 1) * stride + window + more,
            (true, false) => same(input[at], stride),
            (false, false) => valid(input[at], window, stride),
        }
    };
    let mut shape: Vec<usize> = (0..axes).map(length).collect();
    shape.push(if depthwise || output.is_some() { input[axes] } else { 1 + below(rng, 4) });
    let outputs = shape[axes];
    let weights = kernel.iter().product::<usize>() * input[axes] * if depthwise { 1 } else { outputs };
    let activation = activation(rng);
    let (w, b) = (floats(rng, weights), floats(rng, outputs));
    let input = input.to_vec();
    let conv = Conv { depthwise, causal, transposed, input, output: shape, kernel, stride, dilation, activation, w, b };
    (!conv.output.contains(&0)).then_some(Layer::Conv(conv))
}

/// A recurrent layer, with any of its options.
fn recurrent(rng: &mut Sfc32, input: &[usize]) -> Recurrent {
    let activations = [Activation::Tanh, Activation::Relu, Activation::Sigmoid, Activation::Softplus];
    let cell =
        [Cell::SimpleRnn(activations[below(rng, 4)]), Cell::Gru, Cell::GruResetBefore, Cell::Lstm][below(rng, 4)];
    let (units, rows) = (1 + below(rng, 3), if cell == Cell::Gru { 6 } else { 0 });
    let gates = match cell {
        Cell::SimpleRnn(_) => 1,
        Cell::Lstm => 4,
        _ => 3,
    };
    let states = if cell == Cell::Lstm { 2 } else { 1 };
    let initial = if below(rng, 4) == 0 { floats(rng, states * units) } else { Vec::new() };
    let carried = if below(rng, 4) == 0 { states } else { 0 };
    Recurrent {
        cell,
        input: input.to_vec(),
        output: if below(rng, 2) == 0 { vec![input[0], units] } else { vec![units] },
        masked: below(rng, 3) == 0,
        backwards: below(rng, 3) == 0,
        w: floats(rng, gates * input[1] * units),
        u: floats(rng, gates * units * units),
        b: floats(rng, gates.max(rows) * units),
        initial,
        carried,
    }
}

/// A net of such layers, alone, in pairs, and joined.
fn random_steps(rng: &mut Sfc32) -> Model {
    let mut model = Model::new(vec![1 + below(rng, 4), 1 + below(rng, 3)]);
    if below(rng, 3) == 0 {
        let output = std::mem::take(&mut model.input);
        model.input = output[..1].to_vec();
        let table = floats(rng, 5 * output[1]);
        model.layers.push(Layer::Embedding { output, masked: below(rng, 2) == 0, table });
    }
    for _ in 0..1 + below(rng, 4) {
        let shape = model.output();
        let last = shape[shape.len() - 1];
        match below(rng, 6) {
            0 => {
                let (w, b) = (floats(rng, last * 2), floats(rng, 2));
                model.layers.push(Layer::Dense { inputs: last, outputs: 2, activation: activation(rng), w, b });
            }
            _ if shape.len() == 1 => model.layers.push(Layer::Dropout(7)),
            1..4 => {
                let layer = recurrent(rng, &shape);
                model.layers.push(Layer::Recurrent(layer));
            }
            kind => {
                let forward = Recurrent { backwards: kind == 5 && below(rng, 2) == 0, ..recurrent(rng, &shape) };
                let mut backward = Recurrent { backwards: true, ..forward.clone() };
                (backward.w, backward.b) = (floats(rng, forward.w.len()), floats(rng, forward.b.len()));
                let merge = if kind == 4 { Merge::Concat } else { Merge::Sum };
                let both = [forward, backward].map(Layer::Recurrent);
                model.layers.push(Layer::Open(merge));
                model.layers.extend(both.into_iter().flat_map(|layer| [layer, Layer::And]));
                model.layers.pop();
                model.layers.push(Layer::Close(merge));
            }
        }
    }
    model
}

#[test]
fn recurrent_layers_in_every_form() {
    let (mut rng, mut count) = (Sfc32::seed_from_u64(19), 0);
    for _ in 0..120 {
        let written = random_steps(&mut rng);
        let read = Model::of_onnx(&written.to_onnx()).unwrap();
        assert_eq!((read.inputs(), read.output()), (written.inputs(), written.output()), "{}", written.types());
        is_read_again(&read);
        // As `--net` may have it, with what ONNX does not have.
        if let Ok(zeros) = Model::of_types(&written.types(), 1000)
            && zeros.input == written.input
        {
            assert_eq!(zeros.types(), written.types());
            is_read_again_with_types(&written);
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
}

/// Layers on images and sequences, and then on rows.
fn random_places(rng: &mut Sfc32) -> Model {
    let axes = 1 + below(rng, 2);
    let input: Vec<usize> = (0..=axes).map(|_| 1 + below(rng, 6)).collect();
    let mut model = Model::new(input);
    for _ in 0..1 + below(rng, 6) {
        let shape = model.output();
        let (last, channels) = (shape.len() - 1, shape[shape.len() - 1]);
        if last == 0 {
            let (w, b) = (floats(rng, 2 * channels), floats(rng, 2));
            model.layers.push(Layer::Dense { inputs: channels, outputs: 2, activation: activation(rng), w, b });
            continue;
        }
        let of = if below(rng, 2) == 0 { Statistic::Max } else { Statistic::Average };
        let layer = match below(rng, 10) {
            0..3 => conv(rng, &shape, None),
            3 => {
                let (window, stride) = (vec![1 + below(rng, 3); last], vec![1 + below(rng, 3); last]);
                let lengths = (0..last).map(|at| same(shape[at], stride[at]));
                let output = lengths.chain([channels]).collect();
                Some(Layer::Pool { of, input: shape.clone(), output, window, stride })
            }
            4 => {
                let (before, after) = (below(rng, 3), below(rng, 3));
                let (by, add) =
                    if below(rng, 2) == 0 { (Resizing::ZeroPadding, true) } else { (Resizing::Cropping, false) };
                let length = |length: usize| {
                    if add { Some(length + before + after) } else { length.checked_sub(before + after) }
                };
                let mut output: Option<Vec<usize>> = shape[..last].iter().map(|all| length(*all)).collect();
                output.iter_mut().for_each(|output| output.push(channels));
                let output = output.filter(|output| !output.contains(&0));
                output.map(|output| Layer::Resize { by, input: shape.clone(), output, before: vec![before; last] })
            }
            5 => {
                let output = with_channels(&shape.iter().map(|length| 2 * length).collect::<Vec<_>>(), channels);
                Some(Layer::Resize { by: Resizing::UpSampling, input: shape.clone(), output, before: vec![0; last] })
            }
            6 => {
                let mut row = || floats(rng, channels);
                let (gamma, beta, mean) = (row(), row(), row());
                let variance = row().iter().map(|x| x.abs()).collect();
                Some(Layer::BatchNorm { activation: Activation::Relu, epsilon: 0.1, gamma, beta, mean, variance })
            }
            7 => {
                let merge = if below(rng, 2) == 0 { Merge::Residual } else { Merge::Sum };
                model.layers.push(Layer::Open(merge));
                model.layers.extend(conv(rng, &shape, Some(&shape)));
                if merge == Merge::Sum {
                    model.layers.push(Layer::And);
                    model.layers.extend(conv(rng, &shape, Some(&shape)));
                }
                Some(Layer::Close(merge))
            }
            8 if below(rng, 2) == 0 => Some(Layer::GlobalPool(of)),
            8 => Some(Layer::Reshape(vec![shape.iter().product()])),
            _ if below(rng, 2) == 0 => Some(Layer::SpatialDropout(rng.next_u32() % 100)),
            _ => Some(Layer::Activate(Activation::Elu)),
        };
        model.layers.extend(layer);
    }
    model
}

#[test]
fn layers_of_places_in_every_form() {
    let mut rng = Sfc32::seed_from_u64(18);
    for _ in 0..200 {
        let written = random_places(&mut rng);
        let read = Model::of_onnx(&written.to_onnx()).unwrap();
        assert_eq!((read.inputs(), read.output()), (written.inputs(), written.output()), "{}", written.types());
        is_read_again(&read);
    }
}

#[test]
fn the_models_of_other_frameworks_too() {
    let mut count = 0;
    for folder in ["models", "tests/cases"] {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let model = match path.extension().and_then(|extension| extension.to_str()) {
                Some("keras") => Model::of_keras(&fs::read(&path).unwrap()),
                Some("h5") => Model::of_h5(&fs::read(&path).unwrap()),
                Some("onnx") => Model::of_onnx_file(&path),
                _ => continue,
            };
            model.iter().for_each(is_read_again);
            count += model.is_ok() as usize;
        }
    }
    assert!(count >= 24, "{count}");
}

/// All kinds of layers, of which the first says how many numbers it takes only because it has been read.
fn every_kind() -> Model {
    let rows = |from: f32| (0..3).map(|i| from + i as f32).collect::<Vec<_>>();
    let norm = |epsilon| Layer::LayerNorm { epsilon, gamma: rows(2.0), beta: rows(-1.0) };
    let (w, activation) = (rows(0.25).repeat(3), Activation::LeakyRelu(123));
    let mut model = Model::new(vec![3]);
    model.layers = vec![
        Layer::Activate(Activation::Tanh),
        Layer::Dropout(7),
        norm(1e-5),
        Layer::Dense { inputs: 3, outputs: 3, activation, w, b: rows(0.5) },
        norm(1e-3),
        Layer::Rescale { offset: rows(3.0), scale: rows(1e-30) },
        norm(1e-12),
    ];
    Model::of_onnx(&model.to_onnx()).unwrap()
}

/// The layers of images and sequences, with blocks in one another.
fn every_kind_of_places() -> Model {
    const TYPES: &str = "
        ZeroPadding2d<Image<5, 4, 2>, Image<8, 6, 2>, 2, 1>, Conv2d<Image<8, 6, 2>, Image<4, 3, 3>, 3, 2, 2, Silu>,
        Sum<chain![DepthwiseConv2d<Image<4, 3, 3>, Image<4, 3, 3>, 3, 3>, BatchNorm<3, Relu, 1e-5>,
            Residual<chain![Conv2d<Image<4, 3, 3>, Image<4, 3, 3>, 1, 1>, BatchNorm<3, 1e-4>]>], chain![BatchNorm<3>]>,
        SpatialDropout<10>, MaxPool2d<Image<4, 3, 3>, Image<2, 3, 3>, 2, 2, 2, 1>,
        UpSampling2d<Image<2, 3, 3>, Image<4, 6, 3>>, Cropping2d<Image<4, 6, 3>, Image<3, 4, 3>, 0, 1>,
        AveragePool2d<Image<3, 4, 3>, Image<2, 3, 3>, 2, 2, 1, 1>,
        Conv2dTranspose<Image<2, 3, 3>, Image<3, 6, 1>, 2, 3, 2, Relu6>, Reshape<Sequence<9, 2>>,
        Conv1dTranspose<Sequence<9, 2>, Sequence<9, 2>, 3, 1, Linear, 2>,
        CausalConv1d<Sequence<9, 2>, Sequence<9, 3>, 3, 1, Linear, 2>, BatchNorm<3>,
        Conv1d<Sequence<9, 3>, Sequence<5, 2>, 3, 2, Tanh>, DepthwiseConv1d<Sequence<5, 2>, Sequence<3, 2>, 3>,
        CausalDepthwiseConv1d<Sequence<3, 2>, Sequence<3, 2>, 2>, Activate<Relu>,
        Concat<chain![GlobalMaxPool], chain![GlobalAveragePool], 4>, LayerNorm<4, 1e-6>, Dense<4, 2>";
    let mut model = Model::of_types(TYPES, 1000).unwrap();
    let mut number = 0.0;
    for layer in &mut model.layers {
        let rows = match layer {
            Layer::Conv(Conv { w, b, .. }) | Layer::Dense { w, b, .. } => vec![w, b],
            Layer::BatchNorm { gamma, beta, mean, variance, .. } => vec![gamma, beta, mean, variance],
            Layer::LayerNorm { gamma, beta, .. } => vec![gamma, beta],
            _ => vec![],
        };
        for value in rows.into_iter().flatten() {
            number += 1.0;
            *value = number;
        }
    }
    model
}

#[test]
fn source_with_places_compiles() {
    let model = every_kind_of_places();
    is_read_again(&Model::of_onnx(&model.to_onnx()).unwrap());
    is_read_again_with_types(&model);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    let text = model.to_rust("places.onnx", "places.bgrd", Some(&(0..40).map(|i| i as f32).collect::<Vec<_>>()));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(folder.join("places.rs"), &text).unwrap();
        fs::write(folder.join("places.bgrd"), model.to_bytes()).unwrap();
    }
    assert_eq!(text, include_str!("generated/places.rs"));
    assert_eq!(model.to_bytes(), include_bytes!("generated/places.bgrd"));
    let mut tensors = Vec::new();
    generated_places::NET.tensors(0, &mut |name, values| {
        tensors.push((name.layer, name.kind, name.tensor, name.shape.to_vec(), values.to_vec()))
    });
    let own = model.tensors().into_iter().map(|t| (t.layer, t.kind, t.tensor, t.shape, t.values.to_vec()));
    assert_eq!(tensors, own.collect::<Vec<_>>());
    let sum = &generated_places::NET.1.1.0;
    assert_eq!([sum.a.1.0.epsilon, sum.a.1.1.0.1.epsilon, sum.b.epsilon], [1e-5, 1e-4, 1e-3]);
    assert_eq!(generated_places::SAMPLE[4][3], [38.0, 39.0]);
}

/// Recurrent layers with all their options.
fn every_kind_of_steps() -> Model {
    const TYPES: &str = "
        Embedding<[f32; 6], Sequence<6, 2>, 5, Masked>, Bidirectional<Gru<Sequence<6, 2>, Sequence<6, 3>, Masked>, 6>,
        SimpleRnn<Sequence<6, 6>, Sequence<6, 2>, Relu, (Masked, Backwards)>, Dense<2, 4, Tanh>,
        Lstm<Sequence<6, 4>, Sequence<6, 2>, (), 2>, Concat<Lstm<Sequence<6, 2>, [f32; 2], (), 0, 2>, GlobalMaxPool, 4>";
    let mut model = Model::of_types(TYPES, 1000).unwrap();
    let mut number = 0.0;
    for layer in &mut model.layers {
        let rows = match layer {
            Layer::Recurrent(Recurrent { w, u, b, initial, .. }) => vec![w, u, b, initial],
            Layer::Dense { w, b, .. } => vec![w, b],
            Layer::Embedding { table, .. } => vec![table],
            _ => vec![],
        };
        for value in rows.into_iter().flatten() {
            number += 1.0;
            *value = number;
        }
    }
    model
}

#[test]
fn source_with_steps_compiles() {
    let model = every_kind_of_steps();
    is_read_again(&Model::of_onnx(&model.to_onnx()).unwrap());
    is_read_again_with_types(&model);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    let text = model.to_rust("steps.keras", "steps.bgrd", Some(&[1.0, 4.0, 2.0, 3.0, 0.0, 0.0]));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(folder.join("steps.rs"), &text).unwrap();
        fs::write(folder.join("steps.bgrd"), model.to_bytes()).unwrap();
    }
    assert_eq!(text, include_str!("generated/steps.rs"));
    assert_eq!(model.to_bytes(), include_bytes!("generated/steps.bgrd"));
    let mut tensors = Vec::new();
    generated_steps::NET.tensors(0, &mut |name, values| {
        tensors.push((name.layer, name.kind, name.tensor, name.shape.to_vec(), values.to_vec()))
    });
    let own = model.tensors().into_iter().map(|t| (t.layer, t.kind, t.tensor, t.shape, t.values.to_vec()));
    assert_eq!(tensors, own.collect::<Vec<_>>());
    assert_eq!(generated_steps::SAMPLE, [1.0, 4.0, 2.0, 3.0, 0.0, 0.0]);
}

/// A file's name that tries to be code.
const HOSTILE: &str = "a.onnx\npub fn f() {}\r*/ \" `\\ \u{2028}\u{202e}";

#[test]
fn source_that_is_written_compiles() {
    let model = every_kind();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    let text = model.to_rust(HOSTILE, "net.bgrd", Some(&[1.0, -2.5, 1e-40]));
    // Once more after a change of what is written: `UPDATE=1 cargo test --test laws`.
    if std::env::var_os("UPDATE").is_some() {
        fs::write(folder.join("net.rs"), &text).unwrap();
        fs::write(folder.join("net.bgrd"), model.to_bytes()).unwrap();
    }
    assert_eq!(text, include_str!("generated/net.rs"));
    assert_eq!(model.to_bytes(), include_bytes!("generated/net.bgrd"));
    let mut tensors = Vec::new();
    generated::NET.tensors(0, &mut |name, values| tensors.push((name.layer, name.tensor, values.to_vec())));
    let own: Vec<_> = model.tensors().iter().map(|t| (t.layer, t.tensor, t.values.to_vec())).collect();
    assert_eq!(tensors, own);
    let net = &generated::NET.1.1.1;
    assert_eq!([net.0.epsilon, net.1.1.0.epsilon, net.1.1.1.1.epsilon], [1e-5, 1e-3, 1e-12]);
    assert_eq!(generated::SAMPLE, [1.0, -2.5, 1e-40]);
}

#[test]
fn names_of_files_stay_text() {
    const PARTS: [&str; 24] = [
        "\n",
        "\r",
        "\r\n",
        "*/",
        "/*",
        "//",
        "\"",
        "'",
        "`",
        "\\",
        "\\\"",
        "\u{2028}",
        "\u{2029}",
        "\u{85}",
        "\u{202e}",
        "\u{2066}",
        "\u{feff}",
        "\0",
        "{}",
        "}",
        "pub fn f() {}",
        "é",
        "\u{301}",
        "#![x]",
    ];
    let mut rng = Sfc32::seed_from_u64(20);
    let model = every_kind();
    let text = |rng: &mut Sfc32| (0..below(rng, 8)).map(|_| PARTS[below(rng, 24)]).collect::<String>();
    for _ in 0..300 {
        let (origin, file) = (text(&mut rng), text(&mut rng));
        let source = model.to_rust(&origin, &file, Some(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY]));
        is_of_source(&model, &source);
        // Nothing but what is seen, and each line is one.
        let hidden = |c: char| c != '\n' && (c.is_control() || "\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}".contains(c));
        assert!(!source.contains(hidden), "{source}");
        // The names are all there, as literals.
        let parsed = syn::parse_file(&source).unwrap();
        let Meta::NameValue(comment) = &parsed.attrs[0].meta else { panic!("{source}") };
        let Expr::Lit(comment) = &comment.value else { panic!("{source}") };
        let Lit::Str(comment) = &comment.lit else { panic!("{source}") };
        let literal = comment.value();
        let literal = literal.strip_prefix(" Made by baregrad-convert from ").unwrap();
        let literal = literal.strip_suffix(": make it again instead of changing it.").unwrap();
        assert_eq!(syn::parse_str::<syn::LitStr>(literal).unwrap().value(), origin);
        let Item::Static(net) = &parsed.items[2] else { panic!("{source}") };
        assert_eq!(net.ident, "NET");
        assert!(source.contains(&format!("include_model!(Net, {file:?})")), "{source}");
        assert_eq!(syn::parse_str::<syn::LitStr>(&format!("{file:?}")).unwrap().value(), file);
    }
}

#[cfg(feature = "cli")]
#[test]
fn the_program_puts_no_name_into_code() {
    let folder = std::env::temp_dir().join(format!("baregrad-convert-laws-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (input, output) = (folder.join("a\npub fn f() {}\n.onnx"), folder.join("net.rs"));
    fs::write(&input, every_kind().to_onnx()).unwrap();
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_baregrad-convert"));
    let ran = { program }.arg(&input).arg("--rust").arg(&output).output().unwrap();
    let text = fs::read_to_string(&output).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(syn::parse_file(&text).unwrap().items.len(), 3, "{text}");
}
