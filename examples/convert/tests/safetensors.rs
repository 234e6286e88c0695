//! State dicts: both ways, and each error by the tensor's name.

#[path = "../examples/digits/mod.rs"]
#[allow(dead_code)]
mod digits;

use baregrad::prelude::{Dense, GlorotUniform, LayerNorm, Params, Relu, Rescale, SeedableRng, Sfc32, Tanh, chain};
use baregrad_convert::{Error, Model, NameMap, load_safetensors, save_safetensors};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use std::fs;

type Net = chain![Dense<2, 3, Relu>, LayerNorm<3>, Dense<3, 1>];
const TYPES: &str = "Dense<2, 3, Relu>, LayerNorm<3>, Dense<3, 1>";

fn trained() -> Net {
    let mut net = Net::NEW;
    net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    net.0.b = [1.0, 2.0, 3.0];
    net.1.0.beta = [4.0, 5.0, 6.0];
    net
}

fn floats(net: &Net) -> Vec<f32> {
    let mut all = Vec::new();
    net.tensors(0, &mut |_, values| all.extend_from_slice(values));
    all
}

/// A tensor in a file: its name, type, shape and bytes.
type Entry = (String, Dtype, Vec<usize>, Vec<u8>);

/// The trained net as PyTorch has it, with a change.
fn changed(change: impl FnOnce(&mut Vec<Entry>)) -> Vec<u8> {
    changed_of(&save_safetensors(&trained(), &NameMap::pytorch()).unwrap(), change)
}

/// A file after a change.
fn changed_of(bytes: &[u8], change: impl FnOnce(&mut Vec<Entry>)) -> Vec<u8> {
    let file = SafeTensors::deserialize(bytes).unwrap();
    let entry =
        |(name, view): (String, TensorView<'_>)| (name, view.dtype(), view.shape().to_vec(), view.data().to_vec());
    let mut all: Vec<Entry> = file.tensors().into_iter().map(entry).collect();
    all.sort();
    change(&mut all);
    let views =
        all.iter().map(|(name, dtype, shape, bytes)| (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    serialize(views, None).unwrap()
}

/// The error, the net being as it was.
fn error(names: &NameMap, change: impl FnOnce(&mut Vec<Entry>)) -> Error {
    let bytes = changed(change);
    let mut net = Net::NEW;
    let error = load_safetensors(&mut net, &bytes, names).unwrap_err();
    assert_eq!(floats(&net), floats(&Net::NEW));
    error
}

#[test]
fn both_ways_with_all_names() {
    let named = ["a", "b", "c"];
    for names in [NameMap::pytorch(), NameMap::keras(), NameMap::baregrad(), NameMap::pytorch().layers(named)] {
        let bytes = save_safetensors(&trained(), &names).unwrap();
        let mut net = Net::NEW;
        load_safetensors(&mut net, &bytes, &names).unwrap();
        assert_eq!(floats(&net), floats(&trained()));
        let model = Model::of_safetensors(&bytes, Some(TYPES), &names).unwrap();
        let again = model.to_safetensors(&names).unwrap();
        assert_eq!(Model::of_safetensors(&again, None, &names).unwrap(), model);
    }
}

#[test]
fn pytorch_has_rows_of_outputs() {
    let bytes = save_safetensors(&trained(), &NameMap::pytorch()).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let weight = file.tensor("0.weight").unwrap();
    assert_eq!(weight.shape(), [3, 2]);
    let second = f32::from_le_bytes(weight.data()[4..8].try_into().unwrap());
    assert_eq!(second, trained().0.w[1][0]);
}

#[test]
fn half_precision_is_widened() {
    let bytes = changed(|all| {
        let (_, dtype, _, bytes) = &mut all[0];
        (*dtype, *bytes) =
            (Dtype::F16, [0x3c00_u16, 0xc000, 0x0001].iter().flat_map(|half| half.to_le_bytes()).collect());
        let (_, dtype, _, bytes) = &mut all[2];
        (*dtype, *bytes) =
            (Dtype::BF16, [0x3f80_u16, 0x4049, 0xff7f].iter().flat_map(|half| half.to_le_bytes()).collect());
    });
    let mut net = Net::NEW;
    load_safetensors(&mut net, &bytes, &NameMap::pytorch()).unwrap();
    assert_eq!(net.0.b, [1.0, -2.0, 2.0_f32.powi(-24)]);
    assert_eq!(net.1.0.beta, [1.0, 3.140_625, f32::from_bits(0xff7f_0000)]);
}

#[test]
fn errors_name_the_tensor() {
    let names = NameMap::pytorch();
    let missing = error(&names, |all| all.retain(|entry| entry.0 != "2.bias"));
    let text = "tensor 2.bias of shape [1] is missing; there are []";
    assert_eq!(missing.to_string(), text);
    let renamed = error(&names, |all| {
        all.iter_mut().filter(|entry| entry.0 == "0.bias").for_each(|entry| entry.0 = "0.b".into())
    });
    assert_eq!(renamed.to_string(), "tensor 0.bias of shape [3] is missing; there are [\"0.b\"]");
    let surplus = error(&names, |all| all.push(("2.more".into(), Dtype::F32, vec![1, 1], vec![0; 4])));
    assert_eq!(surplus.to_string(), "tensor 2.more of shape [1, 1] belongs to no layer of the net");
    let shape = error(&names, |all| {
        let weight = all.iter_mut().find(|entry| entry.0 == "0.weight").unwrap();
        weight.2 = vec![2, 3];
    });
    assert_eq!(shape.to_string(), "tensor 0.weight has the shape [2, 3], but the net needs [3, 2]");
    let dtype = error(&names, |all| (all[0].1, all[0].3) = (Dtype::F64, vec![0; 24]));
    assert_eq!(dtype.to_string(), "tensor 0.bias has numbers of type F64; F32, F16 and BF16 are read");
    let layers = error(&names, |all| all.iter_mut().for_each(|entry| entry.0 = entry.0.replace('0', "first")));
    assert!(matches!(layers, Error::LayersUnknown { .. }), "{layers}");
    let count = error(&names.layers(["0"]), |_| {});
    assert_eq!(count.to_string(), "1 layers are named, but the net has 3 with weights");
}

#[test]
fn bias_of_zeros() {
    let bytes = changed(|all| all.retain(|entry| entry.0 != "0.bias"));
    let mut net = trained();
    load_safetensors(&mut net, &bytes, &NameMap::pytorch().zero_bias()).unwrap();
    assert_eq!((net.0.b, net.0.w), ([0.0; 3], trained().0.w));
}

#[test]
fn damaged_files_change_nothing() {
    let bytes = save_safetensors(&trained(), &NameMap::pytorch()).unwrap();
    let mut net = Net::NEW;
    for len in 0..bytes.len() {
        assert!(load_safetensors(&mut net, &bytes[..len], &NameMap::pytorch()).is_err(), "{len}");
    }
    assert_eq!(floats(&net), floats(&Net::NEW));
}

#[test]
fn layers_as_text() {
    let bytes = save_safetensors(&trained(), &NameMap::pytorch()).unwrap();
    let read = |types: Option<&str>| Model::of_safetensors(&bytes, types, &NameMap::pytorch());
    assert_eq!(read(Some(TYPES)).unwrap().layer_types().join(", "), TYPES);
    assert!(read(None).unwrap_err().to_string().contains("does not say of which layers"));
    let wrong = |types: &str| read(Some(types)).unwrap_err().to_string();
    assert_eq!(wrong("Dense<2, 3>, Pool<2>"), "layer 1: `Pool<2>` is not supported");
    assert_eq!(wrong("Dense<2, 3, Cos>"), "layer 0: `Dense<2, 3, Cos>` is not supported");
    assert_eq!(wrong("Dense<2, 3>, Dense<4, 1>"), "Dense<4, 1> takes 4 inputs, but gets 3");
    assert_eq!(wrong("Dense<2, 3>, LayerNorm<3, NaN>"), "LayerNorm<3, NaN>: epsilon is not finite");
    assert_eq!(wrong("Dense<2, 3>, LayerNorm<3, -1>"), "LayerNorm<3, -1>: epsilon = -1 is not supported");
    assert_eq!(wrong("Dense<2, 0>"), "Dense<2, 0>: a layer of 2 numbers to 0 is not supported");
    assert!(wrong("Dense<200000, 300000>").contains("more than the bound"));
    assert!(wrong("Dense<18446744073709551615, 300000>").contains("more than the bound"));
    assert!(wrong("").contains("a first layer that does not say what it takes"));
    assert!(
        wrong("Dropout<20>, Dense<2, 3>")
            .contains("as Dense, LayerNorm, Rescale and convolutions do, is not supported")
    );
}

#[test]
fn of_pytorch() {
    let bytes = fs::read(digits::models().join("named.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.tensor("inward.weight").unwrap().shape(), [24, 64]);
}

#[test]
fn numbers_are_those_of_a_sequential() {
    // Sequential(Linear(2, 3), ReLU(), LayerNorm(3), Dropout(0.2), Linear(3, 1), Softplus())
    let types = "Dense<2, 3, Relu>, LayerNorm<3, 1e-5>, Dropout<20>, Dense<3, 1, Softplus>";
    let keys = ["0.bias", "0.weight", "2.bias", "2.weight", "4.bias", "4.weight"];
    let model = Model::of_types(types, 100).unwrap();
    let bytes = model.to_safetensors(&NameMap::pytorch()).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut names = file.names();
    names.sort_unstable();
    assert_eq!(names, keys);
    // They are read with these numbers, and with the layers' own.
    let read = |bytes: &[u8]| Model::of_safetensors(bytes, Some(types), &NameMap::pytorch()).unwrap();
    assert_eq!(read(&bytes), model);
    let own = model.to_safetensors(&NameMap::pytorch().layers(["0", "1", "3"])).unwrap();
    assert_eq!(read(&own), model);
}

#[test]
fn layers_noted_in_a_file_and_given_must_agree() {
    let bytes = Model::of_types(TYPES, 100).unwrap().to_safetensors(&NameMap::pytorch()).unwrap();
    let read = |types: &str| Model::of_safetensors(&bytes, Some(types), &NameMap::pytorch());
    assert_eq!(read(TYPES).unwrap().types(), TYPES);
    let error = read("Dense<2, 3, Tanh>, LayerNorm<3>, Dense<3, 1>").unwrap_err().to_string();
    assert_eq!(error, "layer 0: the file has Dense<2, 3, Relu>, but the net has Dense<2, 3, Tanh>");
    let error = read("Dense<2, 3, Relu>, LayerNorm<3>").unwrap_err().to_string();
    assert_eq!(error, "layer 2: the file has Dense<3, 1>, but the net has no layer");
    let error = read("Dense<2, 3, Relu>, LayerNorm<3, 1e-5>, Dense<3, 1>").unwrap_err().to_string();
    assert_eq!(error, "layer 1: the file has LayerNorm<3>, but the net has LayerNorm<3, 1e-5>");
}

#[test]
fn what_is_missing_is_named() {
    let bytes = save_safetensors(&trained(), &NameMap::pytorch()).unwrap();
    let none = Model::of_safetensors(&bytes, None, &NameMap::pytorch()).unwrap_err().to_string();
    assert_eq!(none, "the file has weights, but does not say of which layers: give them (`--net` of the program)");
    let infinite = error_of(f32::INFINITY);
    assert_eq!(infinite, "tensor 1.bias: a number is not finite");
    assert_eq!(error_of(f32::NAN), infinite);
    let twice = NameMap::pytorch().layers(["0", "1", "0"]);
    assert_eq!(error(&twice, |_| {}).to_string(), "\"0\": two layers are named so");
}

fn error_of(number: f32) -> String {
    error(&NameMap::pytorch(), |all| all[2].3[..4].copy_from_slice(&number.to_le_bytes())).to_string()
}

/// A batch normalisation's count of batches is no tensor of a net. The test of the rows behind a `Flatten` is `import_pytorch`.
#[test]
fn convolutions_have_channels_first_in_pytorch() {
    let types = "Conv2d<Image<2, 3, 1>, Image<1, 3, 2>, 2, 1>, DepthwiseConv2d<Image<1, 3, 2>, Image<1, 3, 2>, 1, 3>, \
                 BatchNorm<2, 1e-5>, Flatten<6>, Dense<6, 1>";
    let model = Model::of_types(types, 100).unwrap();
    let bytes = model.to_safetensors(&NameMap::pytorch()).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name: &str| file.tensor(name).unwrap().shape().to_vec();
    assert_eq!((shape("0.weight"), shape("1.weight")), (vec![2, 1, 2, 1], vec![2, 1, 1, 3]));
    assert_eq!((shape("2.running_mean"), shape("4.weight")), (vec![2], vec![1, 6]));
    let named = ["0", "1", "2", "4"];
    let bytes = changed_of(&bytes, |all| all.push(("2.num_batches_tracked".into(), Dtype::I64, vec![], vec![0; 8])));
    assert_eq!(Model::of_safetensors(&bytes, Some(types), &NameMap::pytorch().layers(named)).unwrap(), model);
    // [channel][place] in the file is [place][channel] here.
    let rows: Vec<u8> = (0..6_u8).flat_map(|i| f32::from(i).to_le_bytes()).collect();
    let bytes =
        changed_of(&bytes, |all| all.iter_mut().filter(|all| all.0 == "4.weight").for_each(|all| all.3 = rows.clone()));
    let model = Model::of_safetensors(&bytes, Some(types), &NameMap::pytorch()).unwrap();
    let w = model.tensors().into_iter().rev().nth(1).unwrap();
    assert_eq!((w.kind, w.values), ("Dense", &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0][..]));
    let again = model.to_safetensors(&NameMap::pytorch()).unwrap();
    assert_eq!(Model::of_safetensors(&again, None, &NameMap::pytorch()).unwrap(), model);
}

#[cfg(feature = "keras")]
#[test]
fn convolutions_of_keras() {
    let read = |name: &str| fs::read(digits::models().join(name)).unwrap();
    let model = Model::of_keras(&read("places.keras")).unwrap();
    let weights = Model::of_safetensors(&read("places.safetensors"), Some(&model.types()), &NameMap::keras()).unwrap();
    assert_eq!(weights, model);
}

#[test]
fn layers_of_places_as_text() {
    let read = |types: &str| Model::of_types(types, 1000).map_or_else(|error| error.to_string(), |model| model.types());
    let separable = "SeparableConv1d<Sequence<6, 2>, Sequence<3, 2>, Sequence<3, 4>, 3, 2, Relu>";
    let two =
        "DepthwiseConv1d<Sequence<6, 2>, Sequence<3, 2>, 3, 2>, Conv1d<Sequence<3, 2>, Sequence<3, 4>, 1, 1, Relu>";
    assert_eq!(read(separable), two);
    let array = "MaxPool1d<[[f32; 2]; 6], Sequence<3, 2>, 2>, Reshape<[[f32; 3]; 2]>";
    assert_eq!(read(array), "MaxPool1d<Sequence<6, 2>, Sequence<3, 2>, 2>, Reshape<Sequence<2, 3>>");
    for first in ["BatchNorm<3>", "GlobalMaxPool", "Residual<Dense<2, 2>>"] {
        assert!(read(first).contains("a first layer that does not say what it takes"), "{first}");
    }
    let wrong = |types: &str| read(&format!("Conv1d<Sequence<6, 2>, Sequence<6, 2>, 3>, {types}"));
    assert_eq!(
        wrong("Conv1d<Sequence<6, 2>, Sequence<5, 2>, 3>, GlobalAveragePool"),
        "Conv1d<Sequence<6, 2>, Sequence<5, 2>, 3>: a layer of shape [6, 2] to [5, 2] is not supported"
    );
    assert_eq!(
        wrong("Conv1d<Sequence<6, 3>, Sequence<6, 2>, 3>"),
        "Conv1d<Sequence<6, 3>, Sequence<6, 2>, 3> takes samples of shape [6, 3], but gets samples of shape [6, 2]"
    );
    assert_eq!(wrong("BatchNorm<3>"), "BatchNorm<3> takes samples of shape [6, 3], but gets samples of shape [6, 2]");
    assert_eq!(
        wrong("Residual<chain![MaxPool1d<Sequence<6, 2>, Sequence<3, 2>, 2>]>"),
        "Residual<chain![MaxPool1d<Sequence<6, 2>, Sequence<3, 2>, 2>]> takes samples of shape [6, 2], but gets samples of shape [3, 2]"
    );
    assert!(wrong("Concat<GlobalMaxPool, GlobalAveragePool, 5>").ends_with("the branches give 4 channels"));
    assert_eq!(wrong("Reshape<[f32; 11]>"), "Reshape<[f32; 11]> takes 11 inputs, but gets samples of shape [6, 2]");
    // All that is not known.
    assert_eq!(
        wrong("Pool<2>, Flatten<12>, Cos"),
        "layer 1: `Pool<2>` is not supported\nlayer 3: `Cos` is not supported"
    );
}

/// Names of a module with several layers, of both directions, and the order of gates.
#[test]
fn recurrent_layers_of_pytorch() {
    const TYPES: &str = "Embedding<[f32; 4], Sequence<4, 2>, 5>, Bidirectional<Gru<Sequence<4, 2>, Sequence<4, 1>>, 2>,
        Lstm<Sequence<4, 2>, Sequence<4, 1>, (), 2>, Lstm<Sequence<4, 1>, [f32; 1]>, Dense<1, 1>";
    let zeros = Model::of_types(TYPES, 1000).unwrap();
    let bytes = zeros.to_safetensors(&NameMap::baregrad()).unwrap();
    let mut number = 0.0;
    let counted = changed_of(&bytes, |all| {
        for bytes in all.iter_mut().flat_map(|entry| entry.3.as_chunks_mut::<4>().0) {
            number += 1.0;
            *bytes = f32::to_le_bytes(number);
        }
    });
    let model = Model::of_safetensors(&counted, Some(TYPES), &NameMap::baregrad()).unwrap();
    let each = ["words", "both", "both", "deep", "deep", "end"];
    let bytes = model.to_safetensors(&NameMap::pytorch().layers(each)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let floats = |name: &str| {
        let bytes = file.tensor(name).unwrap().data().to_vec();
        bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect::<Vec<_>>()
    };
    let ours = |layer: usize, tensor: &str| {
        let all = model.tensors();
        all.iter().find(|t| (t.layer, t.tensor) == (layer, tensor)).unwrap().values.to_vec()
    };
    // r, z, n there, and z, r, n here.
    let (w, b) = (ours(2, "w"), ours(2, "b"));
    assert_eq!(floats("both.weight_ih_l0_reverse"), [w[2], w[3], w[0], w[1], w[4], w[5]]);
    assert_eq!(floats("both.bias_hh_l0_reverse"), [b[4], b[3], b[5]]);
    assert_eq!(floats("deep.weight_hh_l1"), ours(4, "u"));
    // Both biases of an LSTM are added.
    assert_eq!((floats("deep.bias_ih_l0"), floats("deep.bias_hh_l0")), (ours(3, "b"), vec![0.0; 4]));
    // Read by the modules' names, once each or for each layer.
    let mut read = zeros;
    for names in [&each[..], &["words", "both", "deep", "end"], &["words", "both", "deep", "deep", "end"]] {
        let again = Model::of_safetensors(&bytes, Some(TYPES), &NameMap::pytorch().layers(names.to_vec())).unwrap();
        assert_eq!(again, model);
        read = again;
    }
    assert_eq!(read.types(), model.types());
    let missing = changed_of(&bytes, |all| all.retain(|entry| entry.0 != "deep.bias_hh_l1"));
    let error = Model::of_safetensors(&missing, Some(TYPES), &NameMap::pytorch().layers(each)).unwrap_err().to_string();
    assert!(error.starts_with("tensor deep.bias_hh_l1 of shape [4] is missing"), "{error}");
    let few = Model::of_safetensors(&bytes, Some(TYPES), &NameMap::pytorch().layers(["words", "both", "end"]));
    assert_eq!(few.unwrap_err().to_string(), "4 layers are named, but the net has 6 with weights");
    let keras = model.to_safetensors(&NameMap::keras()).unwrap();
    let file = SafeTensors::deserialize(&keras).unwrap();
    assert_eq!(file.tensor("gru/gru_cell/bias").unwrap().shape(), [2, 3]);
    assert_eq!(file.tensor("lstm_1/lstm_cell/recurrent_kernel").unwrap().shape(), [1, 4]);
    let before = Model::of_types("GruResetBefore<Sequence<4, 2>, [f32; 1]>", 1000).unwrap();
    let error = before.to_safetensors(&NameMap::pytorch()).unwrap_err().to_string();
    assert_eq!(error, "layer 0: a GruResetBefore in PyTorch is not supported; the nearest form that is: Gru");
}

/// README's net, whose statistics are tensors.
#[test]
fn a_net_with_its_own_scaling_in_every_form() {
    type Scaled = chain![Rescale<2>, Dense<2, 8, Tanh>, Dense<8, 1>];
    let mut net = Scaled::NEW;
    net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    net.0.adapt(&[[100.0, 0.001], [300.0, 0.003]]);
    let mut file = vec![0; 1000];
    let len = baregrad::file::encode(&net, &mut file).unwrap();
    file.truncate(len);
    let model = Model::of_bytes(&file, "Rescale<2>, Dense<2, 8, Tanh>, Dense<8, 1>").unwrap();
    assert_eq!(model.to_bytes(), file);
    #[cfg(feature = "onnx")]
    assert_eq!(Model::of_onnx(&model.to_onnx()).unwrap(), model);
    for names in [NameMap::pytorch(), NameMap::keras(), NameMap::baregrad()] {
        assert_eq!(Model::of_safetensors(&model.to_safetensors(&names).unwrap(), None, &names).unwrap(), model);
        let mut same = Scaled::NEW;
        load_safetensors(&mut same, &save_safetensors(&net, &names).unwrap(), &names).unwrap();
        assert_eq!((same.0.offset, same.0.scale, same.1.0.w), (net.0.offset, net.0.scale, net.1.0.w));
    }
    assert!(model.to_rust("net", "net.bgrd", None).contains("chain![\n    Rescale<2>,\n    Dense<2, 8, Tanh>,"));
}
